/** Files of an object store with the S3 interface. Read whole, or brought to the disk for the engine. */
import type { SinkError } from "@opendatahub-sql/core"
import { openObjectStore, type StoreError, type StoreOptions } from "@opendatahub-sql/object-store"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { createHash, randomUUID } from "node:crypto"
import { mkdir, rm } from "node:fs/promises"
import { join } from "node:path"
import { failure, onDisk } from "../failure.ts"
import type { Files } from "./files.ts"

const asked = <A>(ask: Effect.Effect<A, StoreError>): Effect.Effect<A, SinkError> =>
  Effect.mapError(ask, (error) => failure("store", error.message, error.reason, error))

const gone = (location: string): SinkError => failure("store", `could not read ${location}: it is not there`)

/** Opens the store for the scope. Files that the engine writes and reads pass through `workFolder`. */
export const openS3Files = Effect.fn("Iceberg.openS3")(function* (
  options: StoreOptions,
  workFolder: string,
): Effect.fn.Return<Files, SinkError, Scope.Scope> {
  const store = yield* openObjectStore(options).pipe(
    Effect.mapError((error) => failure("open", error.message, error.reason, error)),
  )

  const temporaryFolder = Effect.acquireRelease(
    onDisk("open", `make a folder in ${workFolder}`, async () => {
      const folder = join(workFolder, `iceberg-${randomUUID()}`)
      await mkdir(folder, { recursive: true })
      return folder
    }),
    (folder) => Effect.promise(() => rm(folder, { recursive: true, force: true })),
  )

  const fetch = Effect.fnUntraced(function* (location: string, folder: string) {
    const path = join(folder, `${createHash("sha256").update(location).digest("hex").slice(0, 32)}.parquet`)
    const head = yield* asked(store.head(location))
    if (head === undefined) return yield* gone(location)
    yield* asked(store.download(location, path, head.bytes))
    return path
  })

  return {
    read: (location) =>
      Effect.flatMap(asked(store.get(location)), (bytes) =>
        bytes === undefined ? Effect.fail(gone(location)) : Effect.succeed(bytes),
      ),
    write: (location, bytes) => Effect.asVoid(asked(store.put(location, bytes))),
    staging: () => temporaryFolder,
    put: (path, location) =>
      Effect.andThen(
        asked(store.put(location, { path })),
        onDisk("write", `remove ${path}`, () => rm(path)),
      ),
    local: (locations) =>
      locations.length === 0
        ? Effect.succeed([])
        : Effect.flatMap(temporaryFolder, (folder) =>
            Effect.forEach(locations, (location) => fetch(location, folder), { concurrency: 4 }),
          ),
    remove: (locations) => asked(store.remove(locations)),
    list: (location) => asked(store.list(`${location.replace(/\/$/, "")}/`)),
    folders: [],
  }
})
