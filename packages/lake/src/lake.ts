/** Core's `Lake`, in a folder or in an object store. */
import { type Json, Lake, type LakeError, type RunEvent } from "@opendatahub-sql/core"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type { DatabaseSync } from "node:sqlite"
import { dateOf, eventsPath, keyOf, rejectsPath } from "./layout.ts"
import { extractionsOf, keep } from "./keep.ts"
import { type LakePlace, openLake, type OpenLake } from "./open-lake.ts"
import { completeLeftOvers } from "./publication.ts"
import { openExtraction } from "./raw-file.ts"
import { stripJson } from "./secrets.ts"
import { applyEvents, catchUp } from "./state/catch-up.ts"
import { knownResources, offers, refusedLoads, tableNames, tableNamesOf, verdicts } from "./state/questions.ts"
import { read } from "./state/sqlite.ts"

/** Where the lake is and who works on it. */
export interface LakeOptions {
  /** The folder of the lake, or the object store; created when it does not exist. */
  readonly folder: LakePlace
  /** The id of this run: names its event file. */
  readonly run: string
  /** The program and its version, for `writtenBy` in the records. */
  readonly command?: string
  readonly version?: string
  /** How long to wait for a resource that another process works on, in milliseconds (30,000). */
  readonly leaseWait?: number
}

const withoutSecretsIn = (event: RunEvent): RunEvent => stripJson(event as unknown as Json) as unknown as RunEvent

/** Appends to the event file at a path, durably, and brings the state up to date. */
export const recorder = ({ database, storage }: OpenLake, path: string): Lake["Service"]["record"] =>
  Effect.fn("Lake.record")(function* (event) {
    yield* storage.append(path, JSON.stringify(withoutSecretsIn(event)))
    yield* applyEvents(database, storage, path)
  }, Effect.uninterruptible)

const DAY = 24 * 3600 * 1000

/** Milliseconds between two times that an object store is asked for events of others; extractions are asked for each time. */
const REMOTE_PAUSE = 1_000

/** All that other processes have written lately: they apply it themselves, unless they were killed just before. */
const catchUpLately = Effect.fnUntraced(function* ({ database, storage }: OpenLake) {
  const now = yield* Clock.currentTimeMillis
  return yield* catchUp(database, storage, dateOf(new Date(now - DAY).toISOString()))
})

const make = Effect.fnUntraced(function* (
  options: LakeOptions,
): Effect.fn.Return<Lake["Service"], LakeError, Scope.Scope> {
  const lake = yield* openLake(options.folder, { create: true })
  const { database, storage } = lake
  const startedAt = new Date(yield* Clock.currentTimeMillis).toISOString()
  const events = eventsPath(startedAt, options.run)
  const writtenBy = [
    options.command ?? "opendatahub-sql",
    ...(options.version === undefined ? [] : [options.version]),
  ].join(" ")
  const leasing = { run: options.run, wait: options.leaseWait ?? 30_000 }
  let caughtUpAt = Number.NEGATIVE_INFINITY
  const catchUpSometimes = Effect.gen(function* () {
    const now = yield* Clock.currentTimeMillis
    if (storage.isRemote && Math.abs(now - caughtUpAt) < REMOTE_PAUSE) return
    yield* catchUpLately(lake)
    caughtUpAt = now
  })
  const ask = <A>(operation: string, question: (database: DatabaseSync) => A) =>
    Effect.andThen(
      catchUpSometimes,
      read(database, operation, () => question(database)),
    )

  return {
    workFolder: lake.workFolder,
    // What a killed owner was publishing is finished by then: who gets the lease sees all extractions.
    lease: (key) => Effect.andThen(storage.lease(key, leasing), completeLeftOvers(lake)),
    extractions: (key) => extractionsOf(lake, key),
    keep: (resource, download, siblings, past) => keep(lake, writtenBy, resource, download, siblings, past),
    open: (extraction) => openExtraction(storage, extraction),
    keepRejects: (extraction, key, parquetPath) =>
      Effect.asVoid(storage.publish(parquetPath, rejectsPath(keyOf(extraction), key))),
    record: recorder(lake, events),
    tableNames: ask("tableNames", tableNames),
    tableNamesOf: (resource) => ask("tableNames", (state) => tableNamesOf(state, resource)),
    resources: ask("resources", knownResources),
    refusedLoads: (key) => ask("refusedLoads", (state) => refusedLoads(state, key)),
    verdicts: (key) => ask("verdicts", (state) => verdicts(state, key)),
    offers: (source) => ask("offers", (state) => offers(state, source)),
  }
})

/**
 * The lake in a folder, for one run. Building it checks the format, finishes what killed processes were publishing and brings the state up
 * to date. Fails with a `LakeError`: `Config` when the folder cannot be used or is of a newer format.
 */
export const layer = (options: LakeOptions): Layer.Layer<Lake, LakeError> => Layer.effect(Lake, make(options))
