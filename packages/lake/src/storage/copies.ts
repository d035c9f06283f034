/** Files of an object store that this process has on its disk: just published, or brought for the engine. The oldest go when there is no room. */
import type { LakeError, StoredFile } from "@opendatahub-sql/core"
import type { ObjectStore } from "@opendatahub-sql/object-store"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import { randomUUID } from "node:crypto"
import { rename, rm } from "node:fs/promises"
import { join } from "node:path"
import { hashFile } from "../disk/hash-file.ts"
import { disk, failure } from "../failure.ts"
import { ofStore } from "./store-failure.ts"

/** In bytes, of what nobody uses now. */
const ROOM = 2 * 1024 ** 3

interface Copy {
  readonly path: string
  readonly bytes: number
  users: number
}

/** Copies by the path in the lake. */
export interface Copies {
  /** The copy of a file, when there is one. */
  readonly find: (path: string) => string | undefined
  /** Takes a file of this machine over as the copy. */
  readonly take: (path: string, from: string, bytes: number) => Effect.Effect<void, LakeError>
  /** The copy of a file for the scope, brought here when there is none, and compared with its record. */
  readonly use: (file: StoredFile, location: string) => Effect.Effect<string, LakeError, Scope.Scope>
}

/** Copies in a folder of this process. */
export const makeCopies = (store: ObjectStore, folder: string): Copies => {
  const copies = new Map<string, Copy>()
  const oneAtATime = Semaphore.makeUnsafe(1)

  const makeRoom = disk("open", "remove a copy", async () => {
    let unused = [...copies.values()].reduce((sum, copy) => sum + (copy.users === 0 ? copy.bytes : 0), 0)
    for (const [path, copy] of copies) {
      if (unused <= ROOM) return
      if (copy.users > 0) continue
      copies.delete(path)
      unused -= copy.bytes
      await rm(copy.path, { force: true })
    }
  })

  const bring = Effect.fnUntraced(function* (file: StoredFile, location: string) {
    const known = copies.get(file.path)
    if (known !== undefined) return known
    const path = join(folder, `copy-${randomUUID()}`)
    yield* ofStore("open", store.download(location, path, file.bytes)).pipe(
      Effect.onError(() => Effect.promise(() => rm(path, { force: true }))),
    )
    const { sha256 } = yield* disk("open", `read ${path}`, () => hashFile(path))
    if (sha256 !== file.sha256) {
      yield* disk("open", `remove ${path}`, () => rm(path, { force: true }))
      return yield* failure(
        "open",
        `the SHA-256 of ${file.path} is ${sha256}, its record says ${file.sha256}: run \`odh lake verify\`, then restore it from a copy`,
      )
    }
    const copy: Copy = { path, bytes: file.bytes, users: 0 }
    copies.set(file.path, copy)
    return copy
  })

  return {
    find: (path) => copies.get(path)?.path,
    take: Effect.fnUntraced(function* (path, from, bytes) {
      const copy = join(folder, `copy-${randomUUID()}`)
      yield* disk("keep", `move ${from}`, () => rename(from, copy))
      copies.set(path, { path: copy, bytes, users: 0 })
      yield* makeRoom
    }),
    use: (file, location) =>
      Effect.map(
        Effect.acquireRelease(
          oneAtATime.withPermits(1)(
            Effect.tap(bring(file, location), (copy) =>
              Effect.sync(() => {
                copy.users += 1
              }),
            ),
          ),
          (copy) =>
            Effect.andThen(
              Effect.sync(() => {
                copy.users -= 1
              }),
              Effect.ignore(makeRoom),
            ),
        ),
        ({ path }) => path,
      ),
  }
}
