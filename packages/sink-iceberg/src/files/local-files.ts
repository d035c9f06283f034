/** Files of a folder on the local disk. */
import * as Effect from "effect/Effect"
import { randomUUID } from "node:crypto"
import { copyFile, mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises"
import { dirname, join } from "node:path"
import { onDisk } from "../failure.ts"
import type { Files, StoredFile } from "./files.ts"

/** `file:///a`, Java's `file:/a` and plain paths are one. Nothing is percent-encoded: locations are plain text to every engine. */
export const pathOf = (location: string): string => location.replace(/^file:(\/\/)?/, "")

/** The location of an absolute path. */
export const locationOf = (path: string): string => `file://${path}`

/** Makes the entries of a folder durable. */
const syncFolder = async (folder: string): Promise<void> => {
  const handle = await open(folder, "r")
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

const write = async (path: string, bytes: Uint8Array): Promise<void> => {
  await mkdir(dirname(path), { recursive: true })
  const file = await open(path, "wx")
  try {
    await file.writeFile(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
  await syncFolder(dirname(path))
}

const isOtherDevice = (cause: unknown): boolean => cause instanceof Error && "code" in cause && cause.code === "EXDEV"

const put = async (from: string, to: string): Promise<void> => {
  await mkdir(dirname(to), { recursive: true })
  const file = await open(from, "r")
  try {
    await file.sync()
  } finally {
    await file.close()
  }
  try {
    await rename(from, to)
  } catch (cause) {
    if (!isOtherDevice(cause)) throw cause
    await copyFile(from, to)
    await rm(from)
  }
  await syncFolder(dirname(to))
}

const list = async (folder: string): Promise<ReadonlyArray<StoredFile>> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((cause: unknown) => {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return []
    throw cause
  })
  return Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async (entry) => {
        const path = join(entry.parentPath, entry.name)
        const { size, mtimeMs } = await stat(path)
        return { location: locationOf(path), bytes: size, modifiedAt: mtimeMs }
      }),
  )
}

/** The files of tables below `root`, an absolute path. */
export const localFiles = (root: string): Files => ({
  read: (location) => onDisk("read", `read ${pathOf(location)}`, () => readFile(pathOf(location))),
  write: (location, bytes) => onDisk("write", `write ${pathOf(location)}`, () => write(pathOf(location), bytes)),
  staging: (tableLocation) =>
    Effect.acquireRelease(
      onDisk("write", `make a folder in ${pathOf(tableLocation)}`, async () => {
        // Beside the data, so that a finished file is put in place by a rename; readers of folders skip names with a dot.
        const folder = join(pathOf(tableLocation), "data", `.odh-${randomUUID()}`)
        await mkdir(folder, { recursive: true })
        return folder
      }),
      (folder) => Effect.promise(() => rm(folder, { recursive: true, force: true })),
    ),
  put: (path, location) => onDisk("write", `put ${pathOf(location)} in place`, () => put(path, pathOf(location))),
  local: (locations) => Effect.succeed(locations.map(pathOf)),
  remove: (locations) =>
    onDisk("remove", "remove files", async () => {
      for (const location of locations) await rm(pathOf(location), { force: true })
    }),
  list: (location) => onDisk("list", `list ${pathOf(location)}`, () => list(pathOf(location))),
  folders: [root],
})
