/** What happened to a table's columns from one extraction to the next, from data alone. */
import type { ColumnType } from "@opendatahub-sql/core"

/** A column as a file has it. `id` is the same for ever, whatever the name. */
export interface HeaderColumn {
  readonly id: number
  readonly name: string
  readonly original: string
  readonly type: ColumnType
}

/** One change of the columns. */
export type SchemaEvent =
  | { readonly kind: "added" | "dropped"; readonly column: string; readonly type: ColumnType }
  | { readonly kind: "renamed"; readonly from: string; readonly to: string }
  | { readonly kind: "retyped"; readonly column: string; readonly from: ColumnType; readonly to: ColumnType }
  | { readonly kind: "reordered"; readonly columns: ReadonlyArray<string> }

/** The events between two headers. Moved columns are told when the common ones are in another order. */
export const schemaEvents = (
  before: ReadonlyArray<HeaderColumn>,
  after: ReadonlyArray<HeaderColumn>,
): ReadonlyArray<SchemaEvent> => {
  const known = new Map(before.map((column) => [column.id, column]))
  const here = new Map(after.map((column) => [column.id, column]))
  const common = after.filter((column) => known.has(column.id))
  const orderBefore = before.filter((column) => here.has(column.id)).map((column) => column.id)
  const isReordered = common.some((column, index) => column.id !== orderBefore[index])
  return [
    ...after
      .filter((column) => !known.has(column.id))
      .map(({ name, type }) => ({ kind: "added" as const, column: name, type })),
    ...before
      .filter((column) => !here.has(column.id))
      .map(({ name, type }) => ({ kind: "dropped" as const, column: name, type })),
    ...common.flatMap((column): ReadonlyArray<SchemaEvent> => {
      const was = known.get(column.id)
      return [
        ...(was === undefined || was.name === column.name
          ? []
          : [{ kind: "renamed" as const, from: was.name, to: column.name }]),
        ...(was === undefined || was.type === column.type
          ? []
          : [{ kind: "retyped" as const, column: column.name, from: was.type, to: column.type }]),
      ]
    }),
    ...(isReordered ? [{ kind: "reordered" as const, columns: after.map((column) => column.name) }] : []),
  ]
}

/** One event in a few words. */
export const eventText = (event: SchemaEvent): string => {
  switch (event.kind) {
    case "added":
      return `+ ${event.column} (${event.type})`
    case "dropped":
      return `- ${event.column}`
    case "renamed":
      return `${event.from} → ${event.to}`
    case "retyped":
      return `${event.column}: ${event.from} → ${event.to}`
    case "reordered":
      return "columns in another order"
  }
}
