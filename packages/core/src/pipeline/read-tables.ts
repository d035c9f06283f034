/** From one raw file to its finished tables, with their final names and types. */
import * as Effect from "effect/Effect"
import { type ColumnType, joinTypes } from "../contracts/column-type.ts"
import { Engine, type Typing } from "../contracts/engine.ts"
import type { TableName } from "../contracts/lake.ts"
import type { SinkError } from "../contracts/errors.ts"
import type { TypedTable } from "../contracts/typed-table.ts"
import type { Leaf } from "./resolve.ts"
import type { TableSettings } from "./settings.ts"
import { assignTables, localKey } from "./table-names.ts"

/** What reading needs to know beside the bytes. */
export interface ReadOptions {
  readonly base: string
  readonly pinned: ReadonlyArray<TableName>
  readonly settings: (table: string) => TableSettings
  /** Column types of a table that destinations already hold. */
  readonly existing: (table: string) => Effect.Effect<Readonly<Record<string, ColumnType>>, SinkError>
  readonly types: "auto" | "text"
}

/** The tables of one file. A table may come in several parts, one for each member of an archive. */
export interface FileTables {
  readonly tables: ReadonlyArray<TypedTable>
  readonly names: ReadonlyArray<Omit<TableName, "resource">>
}

type ColumnTypes = Readonly<Record<string, ColumnType>>
type Wanted = ReadonlyMap<string, { readonly pinned: ColumnTypes; readonly atLeast: ColumnTypes }>

const typingOf = (options: ReadOptions, member: string, wanted: Wanted, tolerance: number): Typing => ({
  types: options.types,
  tolerance,
  pinned: (table, column) => wanted.get(localKey(member, table))?.pinned[column],
  atLeast: (table, column) => wanted.get(localKey(member, table))?.atLeast[column],
})

const typeLeaf = Effect.fnUntraced(function* (leaf: Leaf, typing: Typing) {
  const engine = yield* Engine
  const relations = leaf.format.relations === undefined ? undefined : yield* leaf.format.relations(leaf.file)
  const fast = relations === undefined ? undefined : yield* engine.typeRelations(relations, typing)
  return fast ?? (yield* engine.typeEvents(leaf.format.read(leaf.file), typing))
})

/** The columns that a second reading must type otherwise: those asked for, and those whose raw text is needed because the table's type is text. */
const misfits = (table: TypedTable, pinned: ColumnTypes, joined: ColumnTypes): boolean =>
  table.columns.some((column) => {
    const asked = pinned[column.name] ?? pinned[column.original]
    if (asked !== undefined) return asked !== column.type
    return joined[column.name] === "text" && column.type !== "text" && column.type !== "null"
  })

/** Reads and types the leaves of a file. A leaf is read again only when its table asks for other types than were found. */
export const readTables = Effect.fn("readTables")(function* (leaves: ReadonlyArray<Leaf>, options: ReadOptions) {
  const wantedFor = Effect.fnUntraced(function* (name: string) {
    const settings = options.settings(name)
    const existing = yield* options.existing(name)
    return settings.onSchemaChange === "freeze" && Object.keys(existing).length > 0
      ? { pinned: { ...existing, ...settings.columns }, atLeast: {} }
      : { pinned: settings.columns, atLeast: existing }
  })

  // First guess at the names: the only leaf of a file goes to its base table; else what was pinned. Wrong guesses cost a second reading.
  const guess = new Map<string, { readonly pinned: ColumnTypes; readonly atLeast: ColumnTypes }>()
  for (const pin of options.pinned) guess.set(localKey(pin.member, pin.local), yield* wantedFor(pin.table))
  const only = leaves.length === 1 ? leaves[0] : undefined
  if (only !== undefined && guess.size === 0) guess.set(localKey(only.member, "main"), yield* wantedFor(options.base))
  const tolerance = options.settings(options.base).tolerance

  const parts: Array<{ readonly leaf: Leaf; tables: ReadonlyArray<TypedTable> }> = []
  for (const leaf of leaves) {
    parts.push({ leaf, tables: yield* typeLeaf(leaf, typingOf(options, leaf.member, guess, tolerance)) })
  }

  const names = assignTables(
    options.base,
    parts.flatMap(({ leaf, tables }) =>
      tables.map((table) => ({
        member: leaf.member,
        local: table.name,
        columns: table.columns.map((column) => column.name),
        ...(table.parent === undefined ? {} : { parent: table.parent }),
      })),
    ),
    options.pinned,
  )
  const finalName = (member: string, local: string): string => names.get(localKey(member, local)) ?? options.base

  const asked = new Map<string, { readonly pinned: ColumnTypes; readonly atLeast: ColumnTypes }>()
  for (const name of new Set(names.values())) asked.set(name, yield* wantedFor(name))

  if (options.types === "auto") {
    const joined = new Map<string, Record<string, ColumnType>>()
    for (const [name, { atLeast }] of asked) joined.set(name, { ...atLeast })
    for (const { leaf, tables } of parts) {
      for (const table of tables) {
        const types = joined.get(finalName(leaf.member, table.name)) ?? {}
        for (const column of table.columns) types[column.name] = joinTypes(types[column.name] ?? "null", column.type)
      }
    }
    for (const part of parts) {
      const again = part.tables.some((table) => {
        const name = finalName(part.leaf.member, table.name)
        return misfits(table, asked.get(name)?.pinned ?? {}, joined.get(name) ?? {})
      })
      if (!again) continue
      const wanted: Wanted = new Map(
        part.tables.map((table) => {
          const name = finalName(part.leaf.member, table.name)
          return [
            localKey(part.leaf.member, table.name),
            { pinned: asked.get(name)?.pinned ?? {}, atLeast: joined.get(name) ?? {} },
          ]
        }),
      )
      part.tables = yield* typeLeaf(part.leaf, typingOf(options, part.leaf.member, wanted, tolerance))
    }
  }

  const tables = parts.flatMap(({ leaf, tables }) =>
    tables.map((table): TypedTable => ({
      ...table,
      name: finalName(leaf.member, table.name),
      ...(table.parent === undefined ? {} : { parent: finalName(leaf.member, table.parent) }),
      ...(leaf.member === "" ? {} : { member: leaf.member }),
    })),
  )
  const given = parts.flatMap(({ leaf, tables }) =>
    tables.map((table) => ({
      member: leaf.member,
      local: table.name,
      table: finalName(leaf.member, table.name),
      columns: table.columns.map((column) => column.name),
    })),
  )
  return { tables, names: given } satisfies FileTables
})
