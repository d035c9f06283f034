/** What `convert` and `inspect` are given: files, folders, patterns and web addresses, all of them files of this disk in the end. */
import { Fetch, LakeError, misconfigured, readerOf, tableName, withoutExtension } from "@opendatahub-sql/core"
import type { Hub } from "@opendatahub-sql/core/config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { glob, mkdtemp, readdir, rename, stat } from "node:fs/promises"
import { basename, dirname, extname, join, relative } from "node:path"
import { localFile } from "./local-file.ts"

/** One file to read. */
export interface Input {
  /** As the user knows it: a path, or an address. */
  readonly given: string
  readonly path: string
  /** What its table names start with; no two inputs share it. */
  readonly name: string
  /** It was met in a folder or by a pattern: there, what is no data is left out instead of being an error. */
  readonly met: boolean
}

type Candidate = Omit<Input, "name">

/** Files that the reader of another one reads along with it are no inputs of their own: parts of a shapefile. */
const withoutCompanions = Effect.fnUntraced(function* (candidates: ReadonlyArray<Candidate>, readers: Hub["readers"]) {
  const endings = readers.flatMap((reader) => (reader.kind === "format" ? (reader.companions ?? []) : []))
  const isCompanion = (path: string): boolean => endings.some((ending) => path.toLowerCase().endsWith(ending))
  const parts = new Set<string>()
  if (candidates.some(({ path }) => isCompanion(path))) {
    for (const { path } of candidates.filter((candidate) => !isCompanion(candidate.path))) {
      const stem = path.slice(0, path.length - extname(path).length).toLowerCase()
      if (!candidates.some((other) => isCompanion(other.path) && other.path.toLowerCase().startsWith(`${stem}.`)))
        continue
      const reader = yield* Effect.option(Effect.flatMap(localFile(path), (file) => readerOf(file, undefined, readers)))
      if (Option.isNone(reader) || reader.value.kind !== "format") continue
      for (const ending of reader.value.companions ?? []) parts.add(`${stem}${ending}`)
    }
  }
  return candidates.filter(({ path }) => !parts.has(path.toLowerCase()))
})

const isHidden = (path: string): boolean => path.split(/[/\\]/).some((part) => /^\.[^.]/.test(part))

const filesOf = async (folder: string): Promise<ReadonlyArray<string>> =>
  (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !isHidden(relative(folder, path)))

const matchesOf = async (pattern: string): Promise<ReadonlyArray<string>> => {
  const found: Array<string> = []
  for await (const path of glob(pattern)) if ((await stat(path)).isFile() && !isHidden(path)) found.push(path)
  return found
}

const missing = (given: string, message: string) =>
  new LakeError({ plugin: "odh", operation: "read", reason: misconfigured, message: `${given}: ${message}` })

/** A path that exists is that path, whatever its letters; else it may be a pattern. */
const onDisk = Effect.fnUntraced(function* (given: string) {
  const kind = yield* Effect.promise(() =>
    stat(given).then(
      (found) => (found.isDirectory() ? "folder" : "file"),
      () => (/[*?[{]/.test(given) ? "pattern" : "file"),
    ),
  )
  // A missing file is told by its reader.
  if (kind === "file") return [{ given, path: given, met: false }]
  const paths = yield* Effect.tryPromise({
    try: () => (kind === "folder" ? filesOf(given) : matchesOf(given)),
    catch: (cause) => missing(given, `cannot be listed: ${cause instanceof Error ? cause.message : String(cause)}`),
  })
  if (paths.length === 0)
    return yield* missing(given, kind === "folder" ? "the folder has no file" : "no file has such a name")
  return paths.toSorted().map((path) => ({ given: path, path, met: true }))
})

const downloaded = Effect.fnUntraced(function* (given: string, workFolder: string) {
  const fetch = yield* Fetch
  const folder = yield* Effect.promise(() => mkdtemp(join(workFolder, "download-")))
  const file = yield* fetch.download({ url: given, name: "" }, { folder })
  if (file._tag === "NotModified") return yield* missing(given, "the server says that nothing changed; try again")
  const path = join(folder, file.name)
  yield* Effect.promise(() => rename(file.path, path))
  return [{ given, path, met: false }]
})

/** Loaded for addresses only: it is a sixth of the time that a small file takes. */
const network = (hub: Hub) =>
  Effect.map(
    Effect.promise(() => import("../hub.ts")),
    ({ networkLayer }) => networkLayer(hub),
  )

/** The shortest spelling that nobody else has: of the file's name, its extension and its folder. */
const named = (candidates: ReadonlyArray<Candidate>): ReadonlyArray<Input> => {
  const spellingsOf = (path: string): ReadonlyArray<string> => {
    const name = withoutExtension(basename(path))
    const folder = basename(dirname(path))
    const extension = extname(path).slice(1)
    return [[name], [name, extension], [name, folder], [name, folder, extension], [relative("", path)]].map((parts) =>
      tableName(parts.join("_")),
    )
  }
  const names = candidates.map(({ path }) => spellingsOf(path))
  const isAlone = (name: string, level: number): boolean =>
    names.filter((spelled) => spelled[level] === name).length === 1
  const used = new Map<string, number>()
  return candidates.map((candidate, at) => {
    const name = names[at]?.find(isAlone) ?? names[at]?.[0] ?? ""
    const before = used.get(name) ?? 0
    used.set(name, before + 1)
    return { ...candidate, name: before === 0 ? name : `${name}_${before + 1}` }
  })
}

/**
 * The files behind what was given, each once, in the order given; a folder is read with its folders. Addresses are downloaded to `workFolder`
 * under the rules of the configuration's `network`.
 */
export const inputs = Effect.fn("inputs")(function* (hub: Hub, given: ReadonlyArray<string>, workFolder: string) {
  const found = yield* Effect.forEach(given, (one) =>
    /^[a-z][a-z0-9+.-]*:\/\//i.test(one)
      ? Effect.provide(downloaded(one, workFolder), Layer.unwrap(network(hub)))
      : Effect.map(onDisk(one), (candidates): ReadonlyArray<Candidate> => candidates),
  )
  const candidates = [...new Map(found.flat().map((candidate) => [candidate.path, candidate])).values()]
  return named(yield* withoutCompanions(candidates, hub.readers))
})
