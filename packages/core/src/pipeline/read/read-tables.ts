/** From one raw file to its finished tables, with their final names and types. */
import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import { type ColumnType, joinTypes } from "../../contracts/column-type.ts"
import { Engine, type Typing } from "../../contracts/engine.ts"
import type { TableName } from "../../contracts/event.ts"
import type { FormatError, SinkError } from "../../contracts/errors.ts"
import type { SkippedMember } from "../../contracts/format.ts"
import type { RawFile } from "../../contracts/raw-file.ts"
import type { TypedTable } from "../../contracts/typed-table.ts"
import { own } from "../../own.ts"
import { isBadData, type Leaf } from "./resolve.ts"
import type { TableSettings } from "../settings.ts"
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
  /** Members that turned out to be broken while they were read; nothing of them is in the tables. */
  readonly skipped: ReadonlyArray<SkippedMember>
}

type ColumnTypes = Readonly<Record<string, ColumnType>>
type Wanted = ReadonlyMap<string, { readonly pinned: ColumnTypes; readonly atLeast: ColumnTypes }>

const typingOf = (options: ReadOptions, { member, profile }: Leaf, wanted: Wanted, tolerance: number): Typing => ({
  types: options.types,
  tolerance,
  pinned: (table, column) => own(wanted.get(localKey(member, table))?.pinned, column) ?? own(profile?.columns, column),
  atLeast: (table, column) => own(wanted.get(localKey(member, table))?.atLeast, column),
})

/** The file, with one copy on the disk that lives as long as `scope`. */
const copiedIn: (scope: Scope.Scope, file: RawFile) => Effect.Effect<RawFile> = Effect.fnUntraced(function* (
  scope: Scope.Scope,
  file: RawFile,
) {
  const local = yield* Effect.cached(Effect.provideService(file.local, Scope.Scope, scope))
  return { ...file, local, siblings: yield* Effect.forEach(file.siblings, (sibling) => copiedIn(scope, sibling)) }
})

/** Tables outlive the copy of their member on the disk: of an archive, one member is there at a time. */
const typeLeaf = Effect.fnUntraced(function* ({ file, format }: Leaf, typing: Typing) {
  const engine = yield* Engine
  const tables = yield* Effect.scope
  const forTables = Effect.provideService(Scope.Scope, tables)
  return yield* Effect.scoped(
    Effect.gen(function* () {
      const member = yield* copiedIn(yield* Effect.scope, file)
      // A format with a fast way looks at its file more than once, the engine at last: a member is unpacked once.
      if (format.relations !== undefined) yield* member.local
      const relations = format.relations === undefined ? undefined : yield* format.relations(member)
      const fast = relations === undefined ? undefined : yield* forTables(engine.typeRelations(relations, typing))
      return fast ?? (yield* forTables(engine.typeEvents(format.read(member), typing)))
    }),
  )
})

/** The columns that a second reading must type otherwise: those asked for, and those whose raw text is needed because the table's type is text. */
const misfits = (table: TypedTable, pinned: ColumnTypes, joined: ColumnTypes): boolean =>
  table.columns.some((column) => {
    const isOurs = table.columns.some(({ name }) => name === column.original)
    const asked = own(pinned, column.name) ?? (isOurs ? undefined : own(pinned, column.original))
    if (asked !== undefined) return asked !== column.type
    return own(joined, column.name) === "text" && column.type !== "text" && column.type !== "null"
  })

/**
 * Reads and types the leaves of a file. A leaf is read again only when its table asks for other types than were found. A member whose bytes are
 * bad is left out, unless it is the only one.
 */
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
  const broken: Array<{ readonly leaf: Leaf; readonly error: FormatError }> = []
  for (const leaf of leaves) {
    yield* typeLeaf(leaf, typingOf(options, leaf, guess, tolerance)).pipe(
      Effect.map((tables) => {
        parts.push({ leaf, tables })
      }),
      Effect.catchIf(
        (error): error is FormatError => leaf.member !== "" && isBadData(error),
        (error) =>
          Effect.sync(() => {
            broken.push({ leaf, error })
          }),
      ),
    )
  }
  if (parts.length === 0 && broken[0] !== undefined) return yield* broken[0].error

  const names = assignTables(
    options.base,
    parts.flatMap(({ leaf, tables }) =>
      tables.map((table) => ({
        member: leaf.member,
        local: table.name,
        columns: table.columns.map((column) => column.name),
        ...(table.parent === undefined ? {} : { parent: table.parent }),
        ...(leaf.profile === undefined ? {} : { known: leaf.profile.table }),
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
        for (const column of table.columns)
          types[column.name] = joinTypes(own(types, column.name) ?? "null", column.type)
      }
    }
    for (const part of parts) {
      const again = part.tables.some((table) => {
        const name = finalName(part.leaf.member, table.name)
        const pinned = { ...part.leaf.profile?.columns, ...asked.get(name)?.pinned }
        return misfits(table, pinned, joined.get(name) ?? {})
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
      part.tables = yield* typeLeaf(part.leaf, typingOf(options, part.leaf, wanted, tolerance))
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
  const skipped = broken.map(({ leaf, error }): SkippedMember => ({
    name: leaf.member,
    code: "unreadable-member",
    why: error.message,
  }))
  return { tables, names: given, skipped } satisfies FileTables
})
