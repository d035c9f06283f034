/** What must change in a table before a file's columns fit: decided from data alone. */
import { joinTypes, type Mode, type PhysicalSchema, type TypedColumn, widensInPlace } from "@opendatahub-sql/core"
import type { KnownTable } from "./catalog.ts"

/** The table as it will be: known columns first, in their order, then the new ones. */
export const planTable = (
  table: { readonly name: string; readonly parent?: string; readonly columns: ReadonlyArray<TypedColumn> },
  mode: Mode,
  known: KnownTable | undefined,
): PhysicalSchema => {
  const arriving = new Map(table.columns.map((column) => [column.name, column]))
  const kept = (known?.columns ?? []).map((column) => ({
    ...column,
    type: joinTypes(column.type, arriving.get(column.name)?.type ?? column.type),
    before: column.type,
  }))
  const added = table.columns.filter((column) => known?.columns.every((one) => one.name !== column.name) ?? true)
  const changed = kept.filter((column) => column.type !== column.before)
  const rewrite = changed.some((column) => !widensInPlace(column.before, column.type))
  return {
    table: table.name,
    ...(table.parent === undefined ? {} : { parent: table.parent }),
    mode,
    columns: [
      ...kept.map(({ name, type, original }) => ({ name, physicalName: name, type, original })),
      ...added.map(({ name, type, original }) => ({ name, physicalName: name, type, original })),
    ],
    change: known === undefined ? "create" : rewrite ? "rewrite" : changed.length + added.length > 0 ? "evolve" : "none",
  }
}
