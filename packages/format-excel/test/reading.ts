/** What the tests share: fixtures, and the tables and facts that a workbook gives. */
import type { JsonObject, ReadError, TableEvent } from "@opendatahub-sql/core"
import { collectTables, memoryFile, type ReadTable } from "@opendatahub-sql/core/testing"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { readFileSync } from "node:fs"
import { excel } from "../src/index.ts"

export const fixture = (path: string): Buffer => readFileSync(new URL(`./fixtures/${path}`, import.meta.url))
export const corpus = (path: string): Buffer =>
  readFileSync(new URL(`../../../fixtures/corpus/${path}`, import.meta.url))

type Options = NonNullable<Parameters<typeof excel>[0]>

interface Read {
  readonly tables: Readonly<Record<string, ReadTable>>
  /** Of each table, and of the workbook under the empty name. */
  readonly facts: Readonly<Record<string, JsonObject>>
}

export const events = (
  bytes: Uint8Array,
  options: Options = {},
  name = "classeur",
): Stream.Stream<TableEvent, ReadError> =>
  Stream.unwrap(Effect.map(Effect.orDie(excel(options).decode), (format) => format.read(memoryFile(name, bytes))))

export const read = Effect.fnUntraced(function* (bytes: Uint8Array, options: Options = {}, name?: string) {
  const all = yield* Stream.runCollect(events(bytes, options, name))
  const tables = yield* collectTables(Stream.fromIterable(all))
  const facts = Object.fromEntries(
    all.flatMap((event) => (event._tag === "Facts" ? [[event.table ?? "", event.facts] as const] : [])),
  )
  return { tables, facts } satisfies Read
})

/** The error that reading ends in. */
export const failure = (
  bytes: Uint8Array,
  options: Options = {},
): Effect.Effect<ReadError, ReadonlyArray<TableEvent>> =>
  Effect.flip(Stream.runCollect(events(bytes, options, "classeur.xlsx")))

/** The rows of a table as objects, without what is NULL. */
export const rowsOf = (table: ReadTable | undefined): ReadonlyArray<Readonly<Record<string, unknown>>> =>
  (table?.rows ?? []).map((row) =>
    Object.fromEntries((table?.columns ?? []).flatMap((name, c) => (row[c] === null ? [] : [[name, row[c]]]))),
  )
