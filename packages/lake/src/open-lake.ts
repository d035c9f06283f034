/** A lake that this process works on: its folder, its state, and the name of the process. */
import { type LakeError, misconfigured } from "@opendatahub-sql/core"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { existsSync, mkdirSync, readFileSync } from "node:fs"
import { join, resolve } from "node:path"
import type { DatabaseSync } from "node:sqlite"
import { type Owner, thisProcess } from "./disk/owner.ts"
import { hardLink, makeFolder, publish, type Publishing, writeDurably } from "./disk/publish.ts"
import { clear, ownedName, sweep } from "./disk/work-folder.ts"
import { disk, diskNow, failure } from "./failure.ts"
import { LAKE_FORMAT } from "./layout.ts"
import { completeLeftOvers } from "./publication.ts"
import { catchUp } from "./state/catch-up.ts"
import { openSqlite, write } from "./state/sqlite.ts"

/** An open lake. `workFolder` is of this process alone; when the scope closes only downloads that were cut stay there, for the next process. */
export interface OpenLake extends Publishing {
  readonly folder: string
  readonly owner: Owner
  readonly database: DatabaseSync
  /** Publications under way in this process, by the name of their intent. */
  readonly underWay: Set<string>
}

const Marker = Schema.fromJsonString(Schema.Struct({ formatVersion: Schema.Int }))

const checkFormat = (folder: string, json: string): Effect.Effect<void, LakeError> => {
  const marker = Schema.decodeUnknownResult(Marker)(json)
  if (Result.isFailure(marker)) {
    return Effect.fail(
      failure(
        "open",
        `${folder}/lake.json is not the mark of a lake: restore it, or choose another folder`,
        misconfigured,
      ),
    )
  }
  return marker.success.formatVersion > LAKE_FORMAT
    ? Effect.fail(
        failure(
          "open",
          `the lake ${folder} has format ${marker.success.formatVersion}, and this version reads up to ${LAKE_FORMAT}: upgrade`,
          misconfigured,
        ),
      )
    : Effect.void
}

/** How a lake is opened. Without `create`, a folder that is no lake is an error; `link` stands in for the system's hard link in tests. */
export interface OpenOptions {
  readonly create: boolean
  readonly link?: Publishing["link"]
}

/**
 * Opens a lake: checks its format, finishes what killed processes were publishing, removes what they left, and brings the state up to
 * date. Fails `Config` when the format is newer, or the folder cannot be used.
 */
export const openLake = Effect.fn("Lake.open")(function* (
  path: string,
  { create, link = hardLink }: OpenOptions,
): Effect.fn.Return<OpenLake, LakeError, Scope.Scope> {
  const folder = resolve(path)
  const marker = join(folder, "lake.json")
  if (!create && !existsSync(marker)) {
    return yield* failure(
      "open",
      `there is no lake at ${folder}: run \`odh sync\` first, or check \`lake\` in odh.config.ts`,
      misconfigured,
    )
  }
  const owner = thisProcess()
  const workFolder = join(folder, "work", ownedName(owner))
  // Checked before anything is written there.
  if (existsSync(marker))
    yield* checkFormat(folder, yield* diskNow("open", `read ${marker}`, () => readFileSync(marker, "utf8")))
  yield* Effect.acquireRelease(
    disk("open", `create ${workFolder}`, async () => {
      await makeFolder(join(folder, "work", "publishing"))
      mkdirSync(workFolder)
    }),
    () => Effect.promise(() => clear(workFolder)),
  )
  const database = yield* openSqlite(join(folder, "state.sqlite"))
  const lake: OpenLake = {
    folder,
    owner,
    workFolder,
    database,
    link,
    alone: (body) => write(database, "publish", body),
    underWay: new Set(),
  }
  if (!existsSync(marker)) {
    const draft = join(workFolder, "lake.json")
    yield* disk("open", `write ${draft}`, () =>
      writeDurably(draft, `${JSON.stringify({ formatVersion: LAKE_FORMAT, kind: "opendatahub-sql lake" })}\n`),
    )
    yield* publish(draft, marker, lake)
  }
  yield* completeLeftOvers(lake)
  const now = yield* Clock.currentTimeMillis
  yield* disk("open", "remove what ended processes left in the work folder", () =>
    sweep(join(folder, "work"), workFolder, now),
  )
  yield* write(database, "state", () => catchUp(database, folder))
  return lake
})
