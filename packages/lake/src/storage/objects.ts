/** A lake in an object store: what is kept is there; the state, downloads on their way and event files that grow are in a folder of this machine. */
import type { LakeError } from "@opendatahub-sql/core"
import { type ObjectStore, openObjectStore, type StoreOptions } from "@opendatahub-sql/object-store"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { randomUUID } from "node:crypto"
import { rm, stat } from "node:fs/promises"
import { join } from "node:path"
import { ownedName } from "../disk/work-folder.ts"
import type { Owner } from "../disk/owner.ts"
import { makeFolder } from "../disk/publish.ts"
import { differs, disk, missing } from "../failure.ts"
import { leasePath, statePath } from "../layout.ts"
import { makeCopies } from "./copies.ts"
import { chunksOf, readPart } from "./folder.ts"
import { makeJournal, sendLeftOvers } from "./journal.ts"
import { objectLease } from "./object-lease.ts"
import type { SharedState, Storage } from "./storage.ts"
import { ofStore } from "./store-failure.ts"

/** In bytes, of one request when a file is streamed; and of what goes on at once. */
const BLOCK = 8 * 1024 ** 2
const CHUNK = 512 * 1024

/** Where the lake is, how the store is reached, and the folders of this machine. */
export interface ObjectsOptions {
  /** `s3://bucket/prefix`, without a final `/`. */
  readonly location: string
  readonly store: StoreOptions
  readonly folder: string
  readonly workFolder: string
  readonly owner: Owner
}

const DAY = 24 * 3600 * 1000

const sharedStateOf = (store: ObjectStore, location: string, workFolder: string): SharedState => ({
  fetch: Effect.fnUntraced(function* (path) {
    const head = yield* ofStore("state", store.head(location))
    if (head === undefined) return false
    yield* ofStore("state", store.download(location, path, head.bytes))
    return true
  }),
  offer: Effect.fnUntraced(function* (make) {
    const head = yield* ofStore("state", store.head(location))
    if (head !== undefined && head.askedAt - head.modifiedAt < DAY) return
    const path = join(workFolder, `state-${randomUUID()}.sqlite`)
    yield* make(path)
    yield* ofStore("state", store.put(location, { path }))
  }),
})

const inChunks = (block: Uint8Array): ReadonlyArray<Uint8Array> =>
  Array.from({ length: Math.ceil(block.length / CHUNK) }, (_, index) =>
    block.subarray(index * CHUNK, (index + 1) * CHUNK),
  )

/** Opens the store for the scope; at its end the events that were not sent yet are. */
export const openObjects = Effect.fn("Lake.openObjects")(function* ({
  location,
  store: options,
  folder,
  workFolder,
  owner,
}: ObjectsOptions): Effect.fn.Return<Storage, LakeError, Scope.Scope> {
  const store = yield* ofStore("open", openObjectStore(options))
  const at = (path: string): string => `${location}/${path}`
  const copies = makeCopies(store, workFolder)
  const journals = join(folder, "work", "journals")
  const ownJournal = join(journals, ownedName(owner))
  yield* disk("open", `create ${journals}`, () => makeFolder(journals))
  yield* sendLeftOvers(store, at, journals)
  const journal = makeJournal(store, at, ownJournal)
  // What cannot be sent stays for the next process on this machine.
  yield* Effect.addFinalizer(() =>
    Effect.ignore(
      Effect.andThen(
        journal.send,
        disk("record", `remove ${ownJournal}`, () => rm(ownJournal, { recursive: true, force: true })),
      ),
    ),
  )

  return {
    location,
    isRemote: true,
    sharedState: sharedStateOf(store, at(statePath), workFolder),
    publish: Effect.fn("Lake.publish")(function* (from, to) {
      const { size } = yield* disk("publish", `read ${from}`, () => stat(from))
      const outcome = yield* ofStore("publish", store.put(at(to), { path: from }, { _tag: "IfNone" }))
      if (outcome === "refused") return "exists"
      if (to.startsWith("raw/")) yield* copies.take(to, from, size)
      return "published"
    }),
    read: (path, range) => {
      const own = journal.find(path)
      return own === undefined
        ? ofStore("read", store.get(at(path), range))
        : disk("read", `read ${own}`, () => readPart(own, range?.start ?? 0, range?.end))
    },
    stream: (file, range) => {
      const copy = copies.find(file.path)
      if (copy !== undefined) return chunksOf(copy, file, range)
      const last = Math.min(range.end ?? file.bytes, file.bytes)
      const first = Math.max(0, range.start)
      if (first >= last) return Stream.empty
      return Stream.paginate(
        first,
        Effect.fnUntraced(function* (position: number) {
          const wanted = Math.min(BLOCK, last - position)
          const block = yield* ofStore("open", store.get(at(file.path), { start: position, end: position + wanted }))
          if (block === undefined) return yield* missing(file.path)
          if (block.length < wanted) return yield* differs(file, position + block.length)
          const next = position + wanted
          return [inChunks(block), next < last ? Option.some(next) : Option.none<number>()] as const
        }),
      )
    },
    local: Effect.fnUntraced(function* (file) {
      const size = (yield* ofStore("open", store.head(at(file.path))))?.bytes
      if (size === undefined) return yield* missing(file.path)
      if (size !== file.bytes) return yield* differs(file, size)
      return yield* copies.use(file, at(file.path))
    }),
    size: (path) => Effect.map(ofStore("read", store.head(at(path))), (head) => head?.bytes),
    names: (path) => ofStore("read", store.names(at(`${path}/`))),
    list: (path, since) =>
      Effect.map(
        // After a name that is not one, so that the first of `since` is in the list.
        ofStore(
          "read",
          store.list(at(`${path}/`), since === undefined ? undefined : at(`${path}/${since.slice(0, -1)}`)),
        ),
        (found) =>
          found
            .map((one) => ({ path: one.location.slice(location.length + 1), bytes: one.bytes }))
            .filter((one) => since === undefined || one.path.slice(path.length + 1) >= since),
      ),
    append: journal.append,
    replace: (path, text) => Effect.asVoid(ofStore("purge", store.put(at(path), Buffer.from(text)))),
    remove: (paths) => ofStore("remove", store.remove(paths.map(at))),
    lease: (key, leasing) => objectLease(store, at(leasePath(key)), key, owner, leasing),
  }
})
