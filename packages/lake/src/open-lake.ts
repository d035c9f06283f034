/** A lake that this process works on: where it is, its state, and the name of the process. */
import { type LakeError, misconfigured } from "@opendatahub-sql/core"
import type { StoreOptions } from "@opendatahub-sql/object-store"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { mkdirSync } from "node:fs"
import { readFile, rm } from "node:fs/promises"
import { join, resolve } from "node:path"
import type { DatabaseSync } from "node:sqlite"
import { type Owner, thisProcess } from "./disk/owner.ts"
import { hardLink, makeFolder, type Publishing, writeDurably } from "./disk/publish.ts"
import { clear, ownedName, sweep } from "./disk/work-folder.ts"
import { disk, failure, saysCode } from "./failure.ts"
import { LAKE_FORMAT, segment } from "./layout.ts"
import { completeLeftOvers } from "./publication.ts"
import { bringUpToDate, shareState } from "./state/rebuild.ts"
import { openSqlite, write } from "./state/sqlite.ts"
import { folderStorage } from "./storage/folder.ts"
import { openObjects } from "./storage/objects.ts"
import type { Storage } from "./storage/storage.ts"

/** A lake in an object store. */
export interface RemoteLake {
  /** `s3://bucket/prefix`. */
  readonly location: string
  /** A folder of this machine for state, downloads and staging of this and other such lakes. */
  readonly folder: string
  /** How the store is reached; what is left out comes from the environment (`AWS_ENDPOINT_URL_S3`, `AWS_REGION`, `AWS_ACCESS_KEY_ID`…). */
  readonly store?: StoreOptions
}

/** Where a lake is: a folder of this machine, or an object store. */
export type LakePlace = string | RemoteLake

/** An open lake. `folder` and `workFolder` are of this machine, the latter of this process alone; when the scope closes only downloads that were cut stay there, for the next process. */
export interface OpenLake {
  readonly storage: Storage
  readonly folder: string
  readonly workFolder: string
  readonly owner: Owner
  readonly database: DatabaseSync
  /** Publications under way in this process, by the name of their intent. */
  readonly underWay: Set<string>
}

const Marker = Schema.fromJsonString(Schema.Struct({ formatVersion: Schema.Int }))

const checkFormat = (location: string, json: string): Effect.Effect<void, LakeError> => {
  const marker = Schema.decodeUnknownResult(Marker)(json)
  if (Result.isFailure(marker)) {
    return Effect.fail(
      failure(
        "open",
        `${location}/lake.json is not the mark of a lake: restore it, or choose another folder`,
        misconfigured,
      ),
    )
  }
  return marker.success.formatVersion > LAKE_FORMAT
    ? Effect.fail(
        failure(
          "open",
          `the lake ${location} has format ${marker.success.formatVersion}, and this version reads up to ${LAKE_FORMAT}: upgrade`,
          misconfigured,
        ),
      )
    : Effect.void
}

/** How a lake is opened. Without `create`, a place that is no lake is an error; `link` stands in for the system's hard link in tests. */
export interface OpenOptions {
  readonly create: boolean
  readonly link?: Publishing["link"]
}

/** Whether the place is a lake already, by its mark; the format is checked before anything is written there. */
const checkMarker = Effect.fnUntraced(function* (marker: Uint8Array | undefined, location: string, create: boolean) {
  if (marker !== undefined) yield* checkFormat(location, Buffer.from(marker).toString("utf8"))
  else if (!create) {
    return yield* failure(
      "open",
      `there is no lake at ${location}: run \`odh sync\` first, or check \`lake\` in odh.config.ts`,
      misconfigured,
    )
  }
  return marker !== undefined
})

const markerOf = (folder: string): Effect.Effect<Uint8Array | undefined, LakeError> =>
  disk("open", `read ${folder}/lake.json`, () =>
    readFile(join(folder, "lake.json")).catch((error: unknown) => {
      if (saysCode(error, "ENOENT")) return undefined
      throw error
    }),
  )

/** Marks a place as a lake. Some stores take every write, whatever its condition: there two writers would lose what one of them kept. */
const publishMarker = Effect.fnUntraced(function* (storage: Storage, workFolder: string) {
  const draft = join(workFolder, "lake.json")
  const publish = Effect.andThen(
    disk("open", `write ${draft}`, async () => {
      await rm(draft, { force: true })
      await writeDurably(draft, `${JSON.stringify({ formatVersion: LAKE_FORMAT, kind: "opendatahub-sql lake" })}\n`)
    }),
    storage.publish(draft, "lake.json"),
  )
  yield* publish
  if (storage.isRemote && (yield* publish) !== "exists") {
    return yield* failure(
      "open",
      `the store of ${storage.location} writes over what is there, though it is told not to (If-None-Match): a lake needs another store, or a folder`,
      misconfigured,
    )
  }
  return yield* disk("open", `remove ${draft}`, () => rm(draft, { force: true }))
})

const folderOf = (place: LakePlace): string =>
  typeof place === "string" ? resolve(place) : join(resolve(place.folder), segment(place.location))

/**
 * Opens a lake: checks its format, finishes what killed processes were publishing, removes what they left, and brings the state up to
 * date. Fails `Config` when the format is newer, or the place cannot be used.
 */
export const openLake = Effect.fn("Lake.open")(function* (
  place: LakePlace,
  { create, link = hardLink }: OpenOptions,
): Effect.fn.Return<OpenLake, LakeError, Scope.Scope> {
  const folder = folderOf(place)
  const owner = thisProcess()
  const workFolder = join(folder, "work", ownedName(owner))
  const isLakeHere = typeof place === "string" && (yield* checkMarker(yield* markerOf(folder), folder, create))
  yield* Effect.acquireRelease(
    disk("open", `create ${workFolder}`, async () => {
      await makeFolder(join(folder, "work", "publishing"))
      mkdirSync(workFolder)
    }),
    () => Effect.promise(() => clear(workFolder)),
  )
  const database = yield* openSqlite(join(folder, "state.sqlite"))
  const alone: Publishing["alone"] = (body) => write(database, "publish", body)
  const storage =
    typeof place === "string"
      ? folderStorage({ folder, workFolder, database, owner, link, alone })
      : yield* openObjects({
          location: place.location.replace(/\/+$/, ""),
          store: place.store ?? {},
          folder,
          workFolder,
          owner,
        })
  const isLake = storage.isRemote
    ? yield* checkMarker(yield* storage.read("lake.json"), storage.location, create)
    : isLakeHere
  if (!isLake) yield* publishMarker(storage, workFolder)
  const lake: OpenLake = { storage, folder, workFolder, owner, database, underWay: new Set() }
  yield* completeLeftOvers(lake)
  const now = yield* Clock.currentTimeMillis
  yield* disk("open", "remove what ended processes left in the work folder", () =>
    sweep(join(folder, "work"), workFolder, now),
  )
  yield* bringUpToDate({ database, storage, workFolder })
  if (create) yield* Effect.addFinalizer(() => Effect.ignore(shareState({ database, storage, workFolder })))
  return lake
})
