/** The tables of a load that have one history: parents, children, and children that the file lacks, which are empty as of now. */
import type { Load, Mode, PhysicalSchema, SinkError, TypedTable } from "@opendatahub-sql/core"
import type { Connection } from "@opendatahub-sql/engine-duckdb"
import {
  compareExtraction,
  type ExtractedPart,
  forgetComparison,
  forgetParents,
  type HistoryColumn,
  type HistoryTable,
  identifyParents,
} from "@opendatahub-sql/history"
import * as Effect from "effect/Effect"
import type { Catalog } from "../catalog/catalog.ts"
import { fromEngine } from "../failure.ts"
import { type ColumnPlan, fileColumns, logicalType } from "../sink/columns.ts"
import { stateOf } from "../sink/table-state.ts"
import { timelineOf } from "./change-set.ts"

/** Parents and children join on every date, so a family is kept in one mode: that of its root. Parents come first. */
export const inFamilies = (tables: ReadonlyArray<PhysicalSchema>): ReadonlyArray<PhysicalSchema> => {
  const parentOf = (table: PhysicalSchema) => tables.find((one) => one.table === table.parent)
  const depth = (table: PhysicalSchema): number => {
    const parent = parentOf(table)
    return parent === undefined ? 0 : 1 + depth(parent)
  }
  const modeOf = (table: PhysicalSchema): Mode => {
    const parent = parentOf(table)
    return parent === undefined ? table.mode : modeOf(parent)
  }
  return tables.map((table) => ({ ...table, mode: modeOf(table) })).toSorted((a, b) => depth(a) - depth(b))
}

/** Children of histories that a file has no table for. */
export const absentChildren = Effect.fnUntraced(function* (
  catalog: Catalog,
  namespace: string,
  tables: ReadonlyArray<PhysicalSchema>,
): Effect.fn.Return<ReadonlyArray<PhysicalSchema>, SinkError> {
  const names = new Set(tables.map(({ table }) => table))
  const absent: Array<PhysicalSchema> = []
  const parents = tables.filter(({ mode }) => mode === "history").map(({ table }) => table)
  for (let parent = parents.shift(); parent !== undefined; parent = parents.shift()) {
    const known = yield* catalog.load({ namespace, name: parent })
    for (const table of known === undefined ? [] : stateOf(known.metadata).children) {
      if (names.has(table)) continue
      names.add(table)
      parents.push(table)
      absent.push({ table, parent, mode: "history", columns: [], change: "none" })
    }
  }
  return absent
})

/** The columns of a plan as a history knows them. */
const historyColumns = (plan: ColumnPlan): ReadonlyArray<HistoryColumn> =>
  fileColumns(plan.schema).map((field) => ({
    id: plan.identities[field.id] ?? field.id,
    name: field.name,
    type: logicalType(field, plan.logical),
  }))

const partsOf = (
  schema: PhysicalSchema,
  columns: ReadonlyArray<HistoryColumn>,
  tables: ReadonlyArray<TypedTable>,
): ReadonlyArray<ExtractedPart> => {
  const byName = new Map(columns.map((column) => [column.name, column]))
  const physical = new Map(schema.columns.map((column) => [column.name, column.physicalName]))
  return tables.map((table) => ({
    relation: table.relation,
    member: table.member,
    columns: table.columns.flatMap(({ name, type, nulls }) => {
      const column = byName.get(physical.get(name) ?? "")
      return column === undefined ? [] : [{ name, type, isComplete: nulls === 0 && table.rows > 0, column }]
    }),
  }))
}

/** A table of the family that is to be placed, with what it holds. */
export interface FamilyMember {
  readonly table: HistoryTable
  readonly parts: ReadonlyArray<ExtractedPart>
}

/** The family of a load. */
export const historyFamily = (
  connection: Connection,
  load: Load,
  tablesOf: (name: string) => ReadonlyArray<TypedTable>,
) => {
  const schemas = new Map(load.tables.map((schema) => [schema.table, schema]))
  const plans = new Map<string, ColumnPlan>()
  /** Tables whose rows have ids for their children, with the columns that these are made of. */
  const identified = new Map<string, string>()

  const member = (name: string): FamilyMember | undefined => {
    const [schema, plan] = [schemas.get(name), plans.get(name)]
    if (schema === undefined || plan === undefined) return undefined
    const columns = historyColumns(plan)
    const hasChildren = load.tables.some(({ parent }) => parent === name)
    return {
      table: { name, columns, parent: schema.parent, hasChildren },
      parts: partsOf(schema, columns, tablesOf(name)),
    }
  }

  /** Gives the rows of a table their ids, unless they have them: it was not placed now, as it is there already. */
  const identify = Effect.fnUntraced(function* (name: string | undefined): Effect.fn.Return<void, SinkError> {
    const parent = name === undefined ? undefined : member(name)
    if (parent === undefined || identified.get(parent.table.name) === JSON.stringify(parent.table.columns)) return
    yield* identify(parent.table.parent)
    yield* compareExtraction(connection, parent.table, parent.parts, undefined).pipe(
      Effect.andThen(identifyParents(connection, parent.table, parent.parts, timelineOf(load.slice))),
      Effect.mapError(fromEngine("commit")),
    )
    identified.set(parent.table.name, JSON.stringify(parent.table.columns))
  })

  return {
    /** The columns that a table has by now; before it, and its children, are placed. */
    plan: (name: string, plan: ColumnPlan): void => void plans.set(name, plan),
    /** A table with what it holds; its parent's rows have their ids then. */
    member: Effect.fnUntraced(function* (name: string): Effect.fn.Return<FamilyMember | undefined, SinkError> {
      const found = member(name)
      if (found !== undefined) yield* identify(found.table.parent)
      return found
    }),
    /** A table was placed, and has left the ids of its rows. */
    placed: ({ table }: FamilyMember): void => {
      if (table.hasChildren === true) identified.set(table.name, JSON.stringify(table.columns))
    },
    forget: Effect.ignore(
      Effect.andThen(forgetComparison(connection), forgetParents(connection, [...identified.keys()])),
    ),
  }
}

/** A family that is being loaded. */
export type HistoryFamily = ReturnType<typeof historyFamily>
