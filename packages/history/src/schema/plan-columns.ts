/** What must change in a table before a file's columns fit: decided from data alone. */
import {
  type ColumnType,
  joinTypes,
  type Mode,
  type PhysicalSchema,
  type TypedColumn,
  widensInPlace,
} from "@opendatahub-sql/core"

/** A column as a table has it. `aliases`: what files called it before it had its name, or call it still. */
export interface KnownColumn {
  readonly name: string
  readonly type: ColumnType
  readonly original: string
  readonly aliases: ReadonlyArray<string>
}

/** A table's columns. */
export interface KnownTable {
  readonly columns: ReadonlyArray<KnownColumn>
}

/** A column known under one name that a file gives under another. `takesName`: the column is called so from now on. */
export interface RenamedColumn {
  readonly from: string
  readonly to: string
  readonly takesName: boolean
}

/** The column of a file that fills a known one: of the same name, else of a name that the column had. */
const arrivingFor = (known: KnownColumn, names: ReadonlySet<string>): string | undefined =>
  names.has(known.name) ? known.name : known.aliases.find((alias) => names.has(alias))

/** The known columns that a file lacks, and those of the file that are not known. */
export const unmatched = (
  known: KnownTable,
  columns: ReadonlyArray<{ readonly name: string; readonly type: ColumnType }>,
) => {
  const names = new Set(columns.map((column) => column.name))
  const filled = new Map<string, string>()
  for (const column of known.columns) {
    // A name that a column has is never an alias of another.
    const arriving = arrivingFor(column, names)
    if (arriving !== undefined && (arriving === column.name || known.columns.every((other) => other.name !== arriving)))
      filled.set(column.name, arriving)
  }
  const used = new Set(filled.values())
  return {
    filled,
    missing: known.columns.filter((column) => !filled.has(column.name)),
    arriving: columns.filter((column) => !used.has(column.name)),
  }
}

/** The table as it will be: known columns first, in their order, then the new ones. */
export const planColumns = (
  table: { readonly name: string; readonly parent?: string; readonly columns: ReadonlyArray<TypedColumn> },
  mode: Mode,
  known: KnownTable | undefined,
  renames: ReadonlyArray<RenamedColumn> = [],
): PhysicalSchema => {
  const { filled } = known === undefined ? { filled: new Map<string, string>() } : unmatched(known, table.columns)
  const arriving = new Map(table.columns.map((column) => [column.name, column]))
  const kept = (known?.columns ?? []).map((column) => {
    const renamed = renames.find((one) => one.from === column.name)
    const source = renamed?.to ?? filled.get(column.name)
    const comes = source === undefined ? undefined : arriving.get(source)
    return {
      name: source ?? column.name,
      physicalName: renamed?.takesName === true ? renamed.to : column.name,
      type: joinTypes(column.type, comes?.type ?? column.type),
      original: renamed?.takesName === true ? (comes?.original ?? column.original) : column.original,
      before: column.type,
    }
  })
  const used = new Set(kept.map((column) => column.name))
  const added = table.columns.filter((column) => !used.has(column.name))
  const changed = kept.filter((column) => column.type !== column.before)
  const rewrite = changed.some((column) => !widensInPlace(column.before, column.type))
  return {
    table: table.name,
    ...(table.parent === undefined ? {} : { parent: table.parent }),
    mode,
    columns: [
      ...kept.map(({ name, physicalName, type, original }) => ({ name, physicalName, type, original })),
      ...added.map(({ name, type, original }) => ({ name, physicalName: name, type, original })),
    ],
    change:
      known === undefined
        ? "create"
        : rewrite
          ? "rewrite"
          : changed.length + added.length + renames.length > 0
            ? "evolve"
            : "none",
  }
}
