/** PartialFile files of writers that are gone: killed, or stopped in good order. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { readdir, readFile, rename, rm, stat } from "node:fs/promises"
import { basename, join } from "node:path"
import { isAtWork } from "./owner.ts"
import { decodeNote, type Note } from "./note.ts"

/** A partial file that is ours from now on. The first `size` bytes of `path` are of `version`. */
export interface LeftBehind {
  readonly path: string
  readonly size: number
  readonly version: NonNullable<Note["version"]>
}

/** Renaming the note is what decides between two that want the same file: the slower one fails here. */
const takeOver = Effect.fnUntraced(function* (found: string, notePath: string) {
  const now = yield* Clock.currentTimeMillis
  const touched = yield* Effect.tryPromise(() => stat(found))
  const text = yield* Effect.tryPromise(() => readFile(found, "utf8"))
  const note = yield* decodeNote(text).pipe(Effect.orElseSucceed(() => undefined))
  if (note !== undefined && isAtWork(note.owner, now - touched.mtimeMs)) return undefined
  yield* Effect.tryPromise(() => rename(found, notePath))
  const path = note === undefined ? found.replace(/\.json$/, "") : join(found, "..", basename(note.part))
  const onDisk = yield* Effect.tryPromise(() => stat(path)).pipe(
    Effect.map(({ size }) => size),
    Effect.orElseSucceed(() => 0),
  )
  if (note !== undefined && note.version !== null && note.size > 0 && onDisk >= note.size) {
    return { path, size: note.size, version: note.version }
  }
  yield* Effect.tryPromise(() => Promise.all([rm(path, { force: true }), rm(notePath, { force: true })]))
  return undefined
})

/** Takes over one partial file in `folder` whose note's name begins with `prefix`; its note is then at `notePath`. What is of no use is removed. */
export const takeLeftBehind = Effect.fnUntraced(function* (folder: string, prefix: string, notePath: string) {
  const names = yield* Effect.tryPromise(() => readdir(folder)).pipe(Effect.orElseSucceed((): Array<string> => []))
  for (const name of names.filter((name) => name.startsWith(prefix) && name.endsWith(".part.json"))) {
    const left = yield* takeOver(join(folder, name), notePath).pipe(
      Effect.orElseSucceed((): LeftBehind | undefined => undefined),
    )
    if (left !== undefined) return left
  }
  return undefined
})
