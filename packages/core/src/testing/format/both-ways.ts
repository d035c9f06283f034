/** The two ways of reading a file, compared as the engine types them. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { Engine, type Typing } from "../../contracts/engine.ts"
import type { Format } from "../../contracts/format.ts"
import type { RawFile } from "../../contracts/raw-file.ts"
import type { Cell } from "../../contracts/table.ts"
import type { TypedTable } from "../../contracts/typed-table.ts"
import { claimEqual, held, skipped } from "../law.ts"
import type { Tables } from "./reading.ts"

const asText: Typing = { types: "text", tolerance: 1, pinned: () => undefined, atLeast: () => undefined }
const found: Typing = { ...asText, types: "auto", tolerance: 0.999 }

const typedRows = Effect.fnUntraced(function* (table: TypedTable) {
  const batches = yield* Stream.runCollect(table.batches())
  return {
    name: table.name,
    columns: table.columns.map((column) => [column.original, column.type]),
    rowRejects: table.rowRejects,
    cellRejects: table.cellRejects,
    rows: batches.flatMap((batch) =>
      Array.from({ length: batch.size }, (_, r) => batch.columns.map((column) => column[r] ?? null)),
    ),
  }
})

/** Breaks the law unless `relations` and `read` give the same typed rows, as text and with types found; says when there is nothing to compare. */
export const compareBothWays = Effect.fnUntraced(function* (format: Format, file: RawFile) {
  if (format.relations === undefined) return skipped("the format has only `read`")
  const fast = yield* format.relations(file)
  if (fast === undefined) return skipped("the format declines the fast way for this sample")
  const engine = yield* Engine
  for (const typing of [asText, found]) {
    const left = yield* engine.typeRelations(fast, typing)
    if (left === undefined) return held("the engine refused the fast way: `read` is used")
    const right = yield* engine.typeEvents(format.read(file), typing)
    claimEqual(
      yield* Effect.forEach(left, typedRows),
      yield* Effect.forEach(right, typedRows),
      `relations against read, types ${typing.types}`,
    )
  }
  return held("relations and read gave the same typed rows")
}, Effect.scoped)

const written = (cell: Cell): Cell => (typeof cell === "object" ? cell : String(cell))

/** Breaks the law unless what `read` gave comes out of the engine as it went in: every table, record and text. */
export const compareThroughEngine = Effect.fnUntraced(function* (format: Format, file: RawFile, read: Tables) {
  const engine = yield* Engine
  for (const table of yield* engine.typeEvents(format.read(file), asText)) {
    const { rejects = [], rows = [] } = read[table.name] ?? {}
    const leftOut = rejects.filter(({ column }) => column === undefined).length
    const what = `table "${table.name}" out of the engine against what was read`
    const out = yield* typedRows(table)
    claimEqual([out.rows.length, out.rowRejects], [rows.length, leftOut], `records of ${what}`)
    // A value that is not of the type that its file claims is NULL there, and a reject of its own.
    if (table.cellRejects > rejects.length - leftOut) continue
    claimEqual(
      out.rows.map((row) => row.map(written)),
      rows.map((row) => row.map(written)),
      what,
    )
  }
}, Effect.scoped)
