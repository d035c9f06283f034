/** One load into one destination: schemas prepared, parts written, one commit; a failure that trying again cannot mend is a refusal. */
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { Engine } from "../../contracts/engine.ts"
import { describeError, type HubError, SinkError } from "../../contracts/errors.ts"
import type { LoadedTable } from "../../contracts/event.ts"
import type { JsonObject } from "../../contracts/json.ts"
import type { Extraction } from "../../contracts/lake.ts"
import { misconfigured } from "../../contracts/reason.ts"
import type { Load, PhysicalSchema, Receipt, Sink, SinkSession, Slice } from "../../contracts/sink.ts"
import type { TypedTable } from "../../contracts/typed-table.ts"
import { isAccepted } from "../judge/verdict.ts"
import type { Reader } from "../read/resolve.ts"
import { record } from "../run-log.ts"
import type { TableSettings } from "../settings.ts"
import { keyOf, sliceOf } from "./address.ts"
import { refusalKey } from "./load-key.ts"
import { publishedAt } from "./published.ts"
import type { WholeTable } from "./whole-tables.ts"

/** A sink with its session, open for the run. */
export interface OpenSink {
  readonly sink: Sink
  readonly session: SinkSession
}

/** What loading needs to know. */
export interface LoadOptions {
  readonly readers: ReadonlyArray<Reader>
  readonly settings: (table: string) => TableSettings
}

/** One destination's part of a load. */
export interface Delivery {
  readonly target: string
  readonly outcome: "committed" | "already-loaded" | "refused"
  readonly tables: ReadonlyArray<LoadedTable>
  readonly stale: ReadonlyArray<Slice>
  readonly failure?: JsonObject
}

/** Records that a load was refused for good, and says it as a delivery. */
export const refuse = Effect.fnUntraced(function* (
  extraction: Extraction,
  target: string,
  base: string,
  error: HubError,
  options: LoadOptions,
) {
  const failure = describeError(error)
  const engine = yield* Engine
  yield* record({
    _tag: "LoadRefused",
    ...keyOf(extraction),
    extractedAt: extraction.extractedAt,
    key: refusalKey(extraction, options, engine.fingerprint, base, target, yield* isAccepted(extraction)),
    target,
    failure,
  })
  return { target, outcome: "refused", tables: [], stale: [], failure } satisfies Delivery
})

const retryTransient = <A, E extends HubError, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.retry(effect, {
    times: 3,
    schedule: Schedule.jittered(Schedule.exponential(200)),
    while: (error: E) => error.reason._tag === "Transient",
  })

const planSchemas = Effect.fnUntraced(function* (
  { sink, session }: OpenSink,
  tables: ReadonlyArray<WholeTable>,
  parts: ReadonlyArray<TypedTable>,
  slice: Slice,
  options: LoadOptions,
) {
  const schemas: Array<PhysicalSchema> = []
  for (const table of tables) {
    const settings = options.settings(table.name)
    const described = settings.onSchemaChange === "freeze" ? yield* session.describe(table.name) : undefined
    const columns =
      described === undefined
        ? table.columns
        : table.columns.filter((column) => described.columns.some((known) => known.name === column.name))
    const mode = sink.capabilities.modes.includes(settings.mode) ? settings.mode : "snapshots"
    const schema = yield* session.prepare(
      { ...table, columns, slice, parts: parts.filter((part) => part.name === table.name) },
      mode,
    )
    if (settings.onSchemaChange === "quarantine" && (schema.change === "evolve" || schema.change === "rewrite")) {
      return yield* new SinkError({
        plugin: "core",
        operation: "prepare",
        reason: misconfigured,
        message: `the columns of "${table.name}" changed and its \`onSchemaChange\` is "quarantine": look at \`odh inspect\`, then set it to "evolve" or pin the columns`,
      })
    }
    schemas.push(schema)
  }
  return schemas
})

/** Writes all parts into one destination. A commit whose answer was lost is looked for in the ledger before anything is sent again. */
export const deliver = Effect.fn("deliver")(function* (open: OpenSink, load: Load, parts: ReadonlyArray<TypedTable>) {
  const once = Effect.scoped(
    Effect.gen(function* () {
      const writer = yield* open.session.begin(load)
      for (const part of parts) yield* writer.write(part)
      return yield* Effect.uninterruptible(writer.commit)
    }),
  )
  return yield* retryTransient(
    Effect.suspend(() => once).pipe(
      Effect.catchIf(
        (error) => error.reason._tag === "Transient",
        (error) =>
          Effect.flatMap(open.session.loads({ keys: [load.key] }), (entries) =>
            entries.length > 0
              ? Effect.succeed<Receipt>({ key: load.key, outcome: "committed", stale: [] })
              : Effect.fail(error),
          ),
      ),
    ),
  )
})

/** The tables of an extraction, on their way into a destination. */
export interface Shipment {
  readonly extraction: Extraction
  readonly base: string
  readonly tables: ReadonlyArray<WholeTable>
  readonly parts: ReadonlyArray<TypedTable>
}

const delivered = (
  schema: PhysicalSchema,
  parts: ReadonlyArray<TypedTable>,
  receipt: Receipt,
): Delivery["tables"][number] => {
  const mine = parts.filter((part) => part.name === schema.table)
  const closed = receipt.closed?.[schema.table] ?? 0
  return {
    table: schema.table,
    rows: mine.reduce((sum, part) => sum + part.rows, 0),
    rejects: mine.reduce((sum, part) => sum + part.rowRejects + part.cellRejects, 0),
    ...(closed === 0 ? {} : { closed }),
    columns: schema.columns.length,
    change: schema.change,
  }
}

/** Delivers under its load key and records it; what trying again cannot mend is recorded as refused. */
export const ship = Effect.fnUntraced(function* (
  open: OpenSink,
  key: string,
  { extraction, base, tables, parts }: Shipment,
  options: LoadOptions,
) {
  const { target } = open.sink
  const slice = sliceOf(extraction)
  const published = publishedAt(extraction)
  const sending = Effect.gen(function* () {
    const schemas = yield* planSchemas(open, tables, parts, slice, options)
    const load: Load = {
      key,
      slice,
      sha256: extraction.file.sha256,
      ...(published === undefined ? {} : { published }),
      tables: schemas,
    }
    const receipt = yield* deliver(open, load, parts)
    return {
      target,
      outcome: receipt.outcome,
      stale: receipt.stale,
      tables: schemas.map((schema) => delivered(schema, parts, receipt)),
    } satisfies Delivery
  })
  const delivery: Delivery = yield* Effect.catchIf(
    sending,
    (error) => error.reason._tag !== "Transient",
    (error) => refuse(extraction, target, base, error, options),
  )
  if (delivery.outcome !== "refused") {
    yield* record({
      _tag: "Loaded",
      ...keyOf(extraction),
      extractedAt: extraction.extractedAt,
      key,
      target,
      tables: delivery.tables,
      outcome: delivery.outcome,
    })
  }
  return delivery
})
