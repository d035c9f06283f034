/** A hub for programs that do not write Effect: Promises, AsyncIterables, AbortSignals. */
import { overallStatus, type ResourceResult } from "@opendatahub-sql/core"
import { decodeConfig, type Hub, type HubConfig } from "@opendatahub-sql/core/config"
import type { ConfiguredPlugin } from "@opendatahub-sql/core/promise"
import type { Connection, QueryRow } from "@opendatahub-sql/engine-duckdb"
import {
  type Difference,
  difference,
  differenceRows,
  readTable,
  type TableExtraction,
  tableExtractions,
} from "@opendatahub-sql/history"
import { heldBack, type HeldBack } from "@opendatahub-sql/lake"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Stream from "effect/Stream"
import { connectPast, connectWarehouse } from "./commands/warehouse.ts"
import { reject, release, rollback } from "./decisions.ts"
import { inHub, replay, sync } from "./hub.ts"
import { lakePlace } from "./lake-place.ts"
import { preset } from "./preset.ts"

/** A configuration whose plugins may come from either door of core. */
export interface OpenHubConfig extends Omit<HubConfig, "sources" | "formats" | "sinks"> {
  readonly sources?: ReadonlyArray<ConfiguredPlugin<"source">>
  readonly formats?: ReadonlyArray<ConfiguredPlugin<"format"> | ConfiguredPlugin<"container">>
  readonly sinks?: ReadonlyArray<ConfiguredPlugin<"sink">>
}

/** What a sync or a replay did. `failed`: datasets that could not be looked at. */
export interface HubReport {
  readonly status: ResourceResult["status"]
  readonly resources: ReadonlyArray<ResourceResult>
  readonly gone: ReadonlyArray<{ readonly dataset: string; readonly state: string; readonly message: string }>
  readonly failed: ReadonlyArray<{ readonly subject: string; readonly message: string }>
}

/** Options of every call. An aborted call stops cleanly, then throws the signal's reason. */
export interface CallOptions {
  readonly signal?: AbortSignal
}

/** A past to ask about: an instant (ISO, UTC), of extractions or of publications. */
export interface QueryOptions {
  readonly asOf?: string
  readonly clock?: "extracted" | "published"
}

/** Columns that name a row; those of the configuration, or looked for, when left out. */
export interface KeyOptions {
  readonly key?: ReadonlyArray<string>
}

/** A hub. Calls may not overlap: one writer at a time. */
export interface HubHandle {
  /** Fetches what changed and loads it: dataset ids or slugs, or all of the configuration. */
  readonly sync: (datasets?: ReadonlyArray<string>, options?: CallOptions) => Promise<HubReport>
  /** Loads again from the lake, without a request. */
  readonly replay: (
    datasets?: ReadonlyArray<string>,
    options?: CallOptions & { readonly from?: string; readonly to?: string },
  ) => Promise<HubReport>
  /** Extractions that wait for a person, or were rejected by one. */
  readonly heldBack: () => Promise<ReadonlyArray<HeldBack>>
  /** An extraction is good: it is loaded. */
  readonly release: (extraction: HeldBack, why: string, options?: CallOptions) => Promise<HubReport>
  /** An extraction is bad: nothing loads it. */
  readonly reject: (extraction: HeldBack, why: string, options?: CallOptions) => Promise<void>
  /** Takes the newest load of each resource of a table back, or those after `to` (ISO instant, UTC), in every destination. */
  readonly rollback: (
    table: string,
    options: CallOptions & { readonly why: string; readonly to?: string },
  ) => Promise<ReadonlyArray<{ readonly resource: string; readonly extractedAt: string }>>
  /**
   * Rows of the first DuckDB destination, up to 8,192 at a time: decimals as text, 64-bit integers as bigint, dates and instants as ISO text.
   * With `asOf`, the tables of `bronze` are as they were.
   */
  readonly query: (sql: string, options?: QueryOptions) => AsyncIterable<ReadonlyArray<QueryRow>>
  /** The extractions of a table, oldest first: rows added, removed and changed, columns that changed. */
  readonly history: (table: string, options?: KeyOptions) => Promise<ReadonlyArray<TableExtraction>>
  /** What changed in a table between two instants (ISO, UTC). */
  readonly diff: (table: string, from: string, to: string, options?: KeyOptions) => Promise<Difference>
  /** The rows of a difference, up to 8,192 at a time: `_change` (`added`, `removed`, `before`, `after`), then the columns. */
  readonly diffRows: (
    table: string,
    from: string,
    to: string,
    options?: KeyOptions,
  ) => AsyncIterable<ReadonlyArray<QueryRow>>
}

const runCall = async <A>(effect: Effect.Effect<A, unknown>, signal: AbortSignal | undefined): Promise<A> => {
  const exit = await Effect.runPromiseExit(effect, signal === undefined ? {} : { signal })
  if (Exit.isSuccess(exit)) return exit.value
  if (signal?.aborted === true && Cause.hasInterruptsOnly(exit.cause)) throw signal.reason
  throw Cause.squash(exit.cause)
}

const PAGE = 8_192

const connect = (hub: Hub, { asOf, clock = "extracted" }: QueryOptions) =>
  asOf === undefined ? connectWarehouse(hub, undefined) : connectPast(hub, undefined, { at: asOf, clock })

const compare = Effect.fnUntraced(function* (
  hub: Hub,
  connection: Connection,
  name: string,
  from: string,
  to: string,
  { key }: KeyOptions,
) {
  return yield* difference(connection, yield* readTable(connection, name), from, to, key ?? hub.settings(name).key)
})

const differing = (
  hub: Hub,
  name: string,
  from: string,
  to: string,
  options: KeyOptions,
): AsyncIterable<ReadonlyArray<QueryRow>> =>
  Stream.toAsyncIterable(
    Stream.unwrap(
      Effect.gen(function* () {
        const connection = yield* connectWarehouse(hub, undefined)
        const { lines } = yield* compare(hub, connection, name, from, to, options)
        const starts = Array.from({ length: Math.ceil(lines / PAGE) }, (_, page) => page * PAGE)
        return Stream.mapEffect(Stream.fromIterable(starts), (start) => differenceRows(connection, start, PAGE))
      }),
    ),
  )

const rowsOf = (hub: Hub, sql: string, options: QueryOptions): AsyncIterable<ReadonlyArray<QueryRow>> =>
  Stream.toAsyncIterable(
    Stream.unwrap(
      Effect.map(connect(hub, options), (connection) =>
        Stream.map(connection.batches(sql, "answer the query"), (batch) =>
          Array.from({ length: batch.size }, (_, r): QueryRow =>
            Object.fromEntries(batch.names.map((name, c) => [name, batch.columns[c]?.[r] ?? null])),
          ),
        ),
      ),
    ),
  )

/**
 * Checks a configuration and gives its hub. Throws a `ConfigError` (`issues`: all of them, with paths) when something is wrong.
 * What is left out is the official preset: data.gouv.fr, all formats, a lake in `./data/lake`, DuckDB in `./data/warehouse.duckdb`.
 */
export const openHub = async (config: OpenHubConfig = {}): Promise<HubHandle> => {
  const hub = await runCall(decodeConfig(config, preset()), undefined)
  return {
    sync: async (datasets = [], options = {}) => {
      const { status, resources, gone, failed } = await runCall(
        inHub(hub, "sync", sync(hub, { datasets })),
        options.signal,
      )
      return {
        status,
        resources,
        gone,
        failed: failed.map(({ subject, error }) => ({ subject, message: error.message })),
      }
    },
    replay: async (datasets = [], { signal, ...range } = {}) => {
      const { status, resources } = await runCall(inHub(hub, "replay", replay(hub, { datasets }, range)), signal)
      return { status, resources, gone: [], failed: [] }
    },
    heldBack: () => runCall(heldBack(lakePlace(hub)), undefined),
    release: async (extraction, why, { signal } = {}) => {
      const released = release(hub, extraction, extraction.extractedAt, why)
      const resources = await runCall(inHub(hub, "quarantine release", released), signal)
      return { status: overallStatus(resources.map(({ status }) => status)), resources, gone: [], failed: [] }
    },
    reject: async (extraction, why, { signal } = {}) => {
      await runCall(inHub(hub, "quarantine reject", reject(hub, extraction, extraction.extractedAt, why)), signal)
    },
    rollback: async (table, { signal, ...request }) => {
      const rejected = await runCall(inHub(hub, "rollback", rollback(hub, { table, ...request })), signal)
      return rejected.map(({ extractedAt, resource }) => ({ resource: resource.id, extractedAt }))
    },
    query: (sql, options = {}) => rowsOf(hub, sql, options),
    history: (table, { key } = {}) =>
      runCall(
        Effect.scoped(
          Effect.gen(function* () {
            const connection = yield* connectWarehouse(hub, undefined)
            return yield* tableExtractions(
              connection,
              yield* readTable(connection, table),
              key ?? hub.settings(table).key,
            )
          }),
        ),
        undefined,
      ),
    diff: (table, from, to, options = {}) =>
      runCall(
        Effect.scoped(
          Effect.flatMap(connectWarehouse(hub, undefined), (connection) =>
            compare(hub, connection, table, from, to, options),
          ),
        ),
        undefined,
      ),
    diffRows: (table, from, to, options = {}) => differing(hub, table, from, to, options),
  }
}
