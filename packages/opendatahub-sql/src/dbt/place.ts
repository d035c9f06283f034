/** Brings generated files to their folder, or says how the folder differs from them. */
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises"
import { dirname, join, relative } from "node:path"
import { type GeneratedFile, MARK } from "./render.ts"

/** One difference between a folder and what would be generated now. */
export interface Drift {
  readonly path: string
  readonly what: "missing" | "changed" | "orphan"
}

const present = async (folder: string): Promise<ReadonlyMap<string, string>> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return new Map(
    await Promise.all(files.map(async (path) => [relative(folder, path), await readFile(path, "utf8")] as const)),
  )
}

/** By path. A file without our mark belongs to somebody else: it is no orphan. */
export const driftOf = async (folder: string, files: ReadonlyArray<GeneratedFile>): Promise<ReadonlyArray<Drift>> => {
  const there = await present(folder)
  const wanted = new Map(files.map(({ path, text }) => [path, text]))
  const changed = files.flatMap(({ path, text }): ReadonlyArray<Drift> => {
    const now = there.get(path)
    return now === text ? [] : [{ path, what: now === undefined ? "missing" : "changed" }]
  })
  const orphans = [...there]
    .filter(([path, text]) => !wanted.has(path) && text.includes(MARK))
    .map(([path]): Drift => ({ path, what: "orphan" }))
  return [...changed, ...orphans].toSorted((a, b) => a.path.localeCompare(b.path))
}

/** Makes the folder what the files say; each file is whole or not there. Gives what it changed. */
export const place = async (folder: string, files: ReadonlyArray<GeneratedFile>): Promise<ReadonlyArray<Drift>> => {
  const drift = await driftOf(folder, files)
  for (const { path, what } of drift) {
    const target = join(folder, path)
    if (what === "orphan") {
      await rm(target)
      continue
    }
    await mkdir(dirname(target), { recursive: true })
    await writeFile(`${target}.part`, files.find((file) => file.path === path)?.text ?? "")
    await rename(`${target}.part`, target)
  }
  return drift
}
