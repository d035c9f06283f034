/** One load: rows are written to data files as they come; the commit makes them visible, with the key. */
import {
  type Load,
  misconfigured,
  type PhysicalSchema,
  type Receipt,
  type SinkError,
  type TypedTable,
  type Writer,
} from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { CatalogTable } from "../catalog/catalog.ts"
import { decide, failure } from "../failure.ts"
import { absentChildren, historyFamily, inFamilies } from "../history/family.ts"
import type { Lakehouse } from "../lakehouse.ts"
import { closedRejects } from "../data/closed-rejects.ts"
import { newSchema, PARTITION_COLUMN } from "./columns.ts"
import { commitChanges } from "./commit-load.ts"
import { planTable } from "./intent.ts"
import { tableChange, type TableChanging } from "./table-change.ts"
import { rejectsOf, REJECTS_TABLE, rejectsSchema, rowsOf } from "../data/table-load.ts"
import { emptyState, propertiesOf, sameSlice, stateOf } from "./table-state.ts"

/** A table, made with our columns alone when it is not there: those of the file come with its first rows. */
export const ensureTable = Effect.fnUntraced(function* (
  { catalog, namespace }: Lakehouse,
  schema: PhysicalSchema,
): Effect.fn.Return<CatalogTable, SinkError> {
  if (!/^\w+$/.test(schema.table))
    return yield* failure(
      "begin",
      `"${schema.table}" cannot name a table: letters, digits and _ can; set \`into\``,
      misconfigured,
    )
  const name = { namespace, name: schema.table }
  const table = yield* catalog.load(name)
  return (
    table ??
    (yield* catalog.create(name, {
      schema: newSchema(schema.mode, schema.parent !== undefined),
      partitionBy: [PARTITION_COLUMN],
      properties: {
        ...propertiesOf(emptyState(schema.mode, schema.parent)),
        "write.parquet.compression-codec": "zstd",
      },
    }))
  )
})

const summaryOf = (load: Load, rejects: number, version: string): Readonly<Record<string, string>> => ({
  "odh.load-key": load.key,
  "odh.source": load.slice.source,
  "odh.dataset-id": load.slice.dataset,
  "odh.resource-id": load.slice.resource,
  "odh.extracted-at": load.slice.extractedAt,
  "odh.file-sha256": load.sha256,
  "odh.rejected-rows": String(rejects),
  "odh.writer-version": version,
})

/** Starts the load. What it wrote goes when the scope closes before the commit. */
export const beginLoad = Effect.fn("IcebergSink.begin")(function* (
  lakehouse: Lakehouse,
  asked: Load,
): Effect.fn.Return<Writer, SinkError, Scope.Scope> {
  const { catalog, namespace, connection } = lakehouse
  const scope = yield* Effect.scope
  const present = inFamilies(asked.tables)
  const tables = yield* Effect.forEach(present, (schema) => ensureTable(lakehouse, schema))
  const load: Load = { ...asked, tables: [...present, ...(yield* absentChildren(catalog, namespace, present))] }
  const already: Receipt = { key: load.key, outcome: "already-loaded", stale: [] }
  const hasKey = (table: CatalogTable): boolean => stateOf(table.metadata).loads.some(({ key }) => key === load.key)
  if (tables.length > 0 && tables.every(hasKey)) return { write: () => Effect.void, commit: Effect.succeed(already) }

  const parts: Array<TypedTable> = []
  const partsOf = (table: string): ReadonlyArray<TypedTable> => parts.filter((part) => part.name === table)
  const count = (of: ReadonlyArray<TypedTable>) => ({
    rows: of.reduce((sum, part) => sum + part.rows, 0),
    rejects: of.reduce((sum, part) => sum + part.rowRejects + part.cellRejects, 0),
  })
  const label = load.key.replaceAll(/[^0-9A-Za-z]/g, "").slice(0, 16)
  const changes = new Map<string, TableChanging>()
  const entryOf = (of: ReadonlyArray<TypedTable>, names: ReadonlyArray<string>) => ({
    key: load.key,
    slice: load.slice,
    ...count(of),
    tables: names,
  })
  const names = load.tables.map((schema) => schema.table)
  const family = historyFamily(connection, load, partsOf)
  const restarts = yield* decide("begin", "plan the columns", () =>
    tables.some((table, index) => planTable(table.metadata, present[index]).restarts),
  )
  for (const schema of load.tables) {
    changes.set(
      schema.table,
      tableChange(
        catalog,
        connection,
        { namespace, name: schema.table },
        {
          schema,
          slice: load.slice,
          entry: () => entryOf(partsOf(schema.table), names),
          rows: (target) =>
            partsOf(schema.table)
              .filter((part) => part.rows > 0)
              .map((part) => rowsOf(load, schema, target, part)),
          ...(schema.mode === "history" ? { history: { family, load } } : {}),
          children: names.filter((_, index) => load.tables[index]?.parent === schema.table),
          restarts,
          label,
          summary: () => summaryOf(load, count(partsOf(schema.table)).rejects, lakehouse.version),
        },
        scope,
      ),
    )
  }

  return {
    write: (table) =>
      Effect.gen(function* () {
        const change = changes.get(table.name)
        if (change === undefined) return yield* failure("write", `the table "${table.name}" is not part of this load`)
        parts.push(table)
        const known = tables.find(({ identifier }) => identifier.name === table.name)
        return yield* known === undefined ? Effect.void : change.write(known)
      }),
    commit: Effect.gen(function* () {
      const rejected = parts.filter((part) => part.rowRejects + part.cellRejects > 0)
      const rejects = { namespace, name: REJECTS_TABLE }
      const come = rejected.map((part) => rejectsOf(load, part))
      const before = yield* catalog.load(rejects)
      if (before === undefined && rejected.length > 0) yield* ensureTable(lakehouse, rejectsSchema)
      const isThere = tables.some(({ metadata }) =>
        stateOf(metadata).loads.some((one) => sameSlice(one.slice, load.slice)),
      )
      const closed =
        before !== undefined && isThere
          ? yield* closedRejects(connection, catalog.files, before, { slice: load.slice, wholeResource: false }, come)
          : {}
      const rejectsChange = tableChange(
        catalog,
        connection,
        rejects,
        {
          schema: rejectsSchema,
          slice: load.slice,
          entry: () =>
            rejected.length === 0
              ? undefined
              : { ...entryOf(rejected, [REJECTS_TABLE]), rows: count(rejected).rejects, rejects: 0 },
          rows: () => come,
          children: [],
          restarts: false,
          label,
          summary: () => summaryOf(load, 0, lakehouse.version),
        },
        scope,
      )
      const { isOurs, stale } = yield* commitChanges(catalog, [
        ...(before !== undefined || rejected.length > 0 ? [rejectsChange] : []),
        ...changes.values(),
      ])
      yield* family.forget
      return isOurs ? { key: load.key, outcome: "committed", stale, closed } : already
    }),
  }
})
