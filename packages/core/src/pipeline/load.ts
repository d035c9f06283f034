/** The load half: one extraction, from kept bytes into destinations, without the network. */
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type { ColumnType } from "../contracts/column-type.ts"
import { joinTypes } from "../contracts/column-type.ts"
import { Engine } from "../contracts/engine.ts"
import { own } from "../own.ts"
import { describeError, type HubError, SinkError } from "../contracts/errors.ts"
import { misconfigured } from "../contracts/reason.ts"
import type { LoadedTable, TableName } from "../contracts/event.ts"
import type { SkippedMember } from "../contracts/format.ts"
import type { JsonObject } from "../contracts/json.ts"
import { type Extraction, Lake, type ResourceKey } from "../contracts/lake.ts"
import type { Load, PhysicalSchema, Receipt, Sink, SinkSession, Slice } from "../contracts/sink.ts"
import type { TypedColumn } from "../contracts/table.ts"
import type { TypedTable } from "../contracts/typed-table.ts"
import { tableName, withoutExtension } from "../naming.ts"
import { loadKey, readingFingerprint, refusalKey } from "./load-key.ts"
import { publishedAt } from "./published.ts"
import { Progress } from "./progress.ts"
import { checkSuspicion } from "./quarantine.ts"
import { checkRejects, rejectCounts } from "./reject-limits.ts"
import { readTables } from "./read-tables.ts"
import { probeOf, type Reader, resolve } from "./resolve.ts"
import { record } from "./run-log.ts"
import type { TableSettings } from "./settings.ts"
import { isAccepted } from "./verdict.ts"

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

/** A table of a load, over all its parts. */
interface WholeTable {
  readonly name: string
  readonly parent?: string
  readonly columns: ReadonlyArray<TypedColumn>
}

/** The address of a resource. */
export const keyOf = (extraction: Extraction): ResourceKey => ({
  source: extraction.resource.source,
  dataset: extraction.resource.dataset.id,
  resource: extraction.resource.id,
})

/** The slice that an extraction fills. */
export const sliceOf = (extraction: Extraction): Slice => ({
  ...keyOf(extraction),
  extractedAt: extraction.extractedAt,
})

const wholeTables = (parts: ReadonlyArray<TypedTable>): ReadonlyArray<WholeTable> => {
  const tables = new Map<string, { name: string; parent?: string; columns: Map<string, TypedColumn> }>()
  for (const part of parts) {
    const table = tables.get(part.name) ?? {
      name: part.name,
      ...(part.parent === undefined ? {} : { parent: part.parent }),
      columns: new Map(),
    }
    tables.set(part.name, table)
    for (const column of part.columns) {
      const known = table.columns.get(column.name)
      table.columns.set(
        column.name,
        known === undefined
          ? column
          : { ...known, type: joinTypes(known.type, column.type), nulls: known.nulls + column.nulls },
      )
    }
  }
  return [...tables.values()].map((table) => ({ ...table, columns: [...table.columns.values()] }))
}

/** The table name of a resource: what the configuration says, what it was called before, what was proposed when it was planned. */
export const baseName = (extraction: Extraction, pinned: ReadonlyArray<TableName>): string =>
  (extraction.resource.into === undefined ? undefined : tableName(extraction.resource.into)) ??
  pinned.find((name) => name.resource === extraction.resource.id && name.member === "" && name.local === "")?.table ??
  extraction.resource.table ??
  tableName(extraction.resource.dataset.slug, withoutExtension(extraction.resource.title))

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

/** Refuses a table that belongs to another resource, unless both say `into`. */
const checkOwner = Effect.fnUntraced(function* (
  extraction: Extraction,
  names: ReadonlyArray<{ readonly table: string }>,
) {
  if (extraction.resource.into !== undefined) return
  const lake = yield* Lake
  const owned = yield* lake.tableNames
  for (const { table } of names) {
    const owners = owned.filter((name) => name.table === table)
    if (owners.some((name) => name.resource === extraction.resource.id)) continue
    const [other] = owners
    if (other !== undefined) {
      return yield* new SinkError({
        plugin: "core",
        operation: "name",
        reason: misconfigured,
        message: `the table "${table}" already belongs to the resource ${other.resource}; give "${extraction.resource.title}" a name of its own, or the same table on purpose, with \`into\` in the configuration`,
      })
    }
  }
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

/**
 * Loads one extraction into the given destinations, each with its own key. One that fails does not stop the others; a failure that trying
 * again cannot mend is recorded as refused.
 */
export const load = Effect.fn("load")(function* (
  extraction: Extraction,
  sinks: ReadonlyArray<OpenSink>,
  options: LoadOptions,
) {
  const lake = yield* Lake
  const engine = yield* Engine
  const progress = yield* Progress
  const key = keyOf(extraction)
  const pinned = (yield* lake.tableNames).filter((name) => name.resource === key.resource)
  const base = baseName(extraction, pinned)
  const announce = (stage: "read" | "load"): void =>
    progress({ resource: key.resource, title: extraction.resource.title, stage })

  return yield* Effect.scoped(
    Effect.gen(function* () {
      announce("read")
      const raw = lake.open(extraction)
      const resolved = yield* resolve(raw, extraction.resource.format, options.readers)
      const reading = readingFingerprint(resolved.leaves, engine.fingerprint, base, options.settings(base))
      // Another mode is another representation of the same rows: a replay makes it.
      const keyFor = (target: string): string =>
        loadKey(extraction, `${reading} ${options.settings(base).mode}`, target)
      const missing: Array<OpenSink> = []
      const deliveries: Array<Delivery> = []
      for (const open of sinks) {
        const entries = yield* open.session.loads({ keys: [keyFor(open.sink.target)] })
        if (entries.length === 0) missing.push(open)
        else {
          deliveries.push({
            target: open.sink.target,
            outcome: "already-loaded",
            stale: [],
            tables: (entries[0]?.tables ?? []).map((table) => ({ ...table, columns: 0, change: "none" as const })),
          })
        }
      }
      const told = ({ name, why }: SkippedMember): string => `${name} was left out: ${why}`
      const skipped = resolved.skipped.map(told)
      if (missing.length === 0) return { deliveries, warnings: skipped, tables: [] }

      const existing = Effect.fnUntraced(function* (table: string) {
        const types: Record<string, ColumnType> = {}
        for (const { session } of sinks) {
          const described = yield* session.describe(table)
          for (const column of described?.columns ?? [])
            types[column.name] = joinTypes(own(types, column.name) ?? "null", column.type)
        }
        return types
      })
      const file = yield* readTables(resolved.leaves, {
        base,
        pinned,
        settings: options.settings,
        existing,
        types: "auto",
      })
      yield* checkOwner(extraction, file.names)
      const tables = wholeTables(file.tables)
      // Under another name (`into`) there is nothing to compare with.
      const isMoved = pinned.some((pin) => pin.member === "" && pin.local === "" && pin.table !== base)
      yield* checkSuspicion(
        extraction,
        sliceOf(extraction),
        (yield* probeOf(raw, undefined)).head,
        tables,
        file.tables,
        pinned,
        missing,
        isMoved ? false : options.settings(base).quarantine,
      )
      const names = [{ member: "", local: "", table: base, columns: [] }, ...file.names].map((name) => ({
        ...name,
        resource: key.resource,
      }))
      const news = names.filter(
        (name) =>
          !pinned.some(
            (pin) =>
              pin.member === name.member &&
              pin.local === name.local &&
              pin.table === name.table &&
              pin.columns.join("\n") === name.columns.join("\n"),
          ),
      )
      if (news.length > 0) yield* record({ _tag: "TablesNamed", ...key, names: news })
      const rejects = yield* engine.rejectsParquet(file.tables, [...resolved.skipped, ...file.skipped])
      if (rejects !== undefined) yield* lake.keepRejects(extraction, reading, rejects)

      const warnings = [...skipped, ...file.skipped.map(told)]
      for (const part of file.tables)
        for (const warning of part.warnings ?? []) warnings.push(`table "${part.name}", ${warning}`)
      for (const { name } of tables) {
        const counts = rejectCounts(file.tables.filter((part) => part.name === name))
        const checked = checkRejects(name, counts, options.settings(name).rejects)
        if (typeof checked === "string") warnings.push(checked)
        else if (checked !== undefined) return yield* checked
      }

      announce("load")
      const published = publishedAt(extraction)
      for (const open of missing) {
        const target = open.sink.target
        const loading = keyFor(target)
        const delivery = yield* planSchemas(open, tables, file.tables, sliceOf(extraction), options).pipe(
          Effect.flatMap((schemas) =>
            Effect.map(
              deliver(
                open,
                {
                  key: loading,
                  slice: sliceOf(extraction),
                  sha256: extraction.file.sha256,
                  ...(published === undefined ? {} : { published }),
                  tables: schemas,
                },
                file.tables,
              ),
              (receipt): Delivery => ({
                target,
                outcome: receipt.outcome,
                stale: receipt.stale,
                tables: schemas.map((schema) => {
                  const mine = file.tables.filter((part) => part.name === schema.table)
                  const closed = receipt.closed?.[schema.table] ?? 0
                  return {
                    table: schema.table,
                    rows: mine.reduce((sum, part) => sum + part.rows, 0),
                    rejects: mine.reduce((sum, part) => sum + part.rowRejects + part.cellRejects, 0),
                    ...(closed === 0 ? {} : { closed }),
                    columns: schema.columns.length,
                    change: schema.change,
                  }
                }),
              }),
            ),
          ),
          Effect.catchIf(
            (error) => error.reason._tag !== "Transient",
            (error) => refuse(extraction, target, base, error, options),
          ),
        )
        if (delivery.outcome !== "refused") {
          yield* record({
            _tag: "Loaded",
            ...key,
            extractedAt: extraction.extractedAt,
            key: loading,
            target,
            tables: delivery.tables,
            outcome: delivery.outcome,
          })
        }
        deliveries.push(delivery)
      }
      return {
        deliveries,
        warnings,
        tables: file.tables.map(({ name, rows, columns }) => ({ name, rows, columns })),
      }
    }),
  )
})
