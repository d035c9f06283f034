/** The tables of a load: the parts of a table in several files or members are one. Pure. */
import { joinTypes } from "../../contracts/column-type.ts"
import type { TypedColumn } from "../../contracts/table.ts"
import type { TypedTable } from "../../contracts/typed-table.ts"

/** A table of a load, over all its parts. */
export interface WholeTable {
  readonly name: string
  readonly parent?: string
  readonly columns: ReadonlyArray<TypedColumn>
}

/** Joins the columns of parts that are one table. */
export const wholeTables = (parts: ReadonlyArray<TypedTable>): ReadonlyArray<WholeTable> => {
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
