/** What the tests share: bytes as a raw file, and the tables that come out of events. */
import type { Format, RawFile, TableEvent } from "@opendatahub-sql/core"
import { collectTables } from "@opendatahub-sql/core/testing"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { xml } from "../src/index.ts"

/** A raw file of these bytes, handed out `step` bytes at a time. */
export const fileOf = (content: Uint8Array | string, step = 65_536): RawFile => {
  const bytes = typeof content === "string" ? Buffer.from(content) : content
  return {
    name: "test.xml",
    size: bytes.length,
    identity: "0",
    siblings: [],
    local: Effect.die("not on disk"),
    bytes: (range) => {
      const part = bytes.subarray(range?.start ?? 0, range?.end ?? bytes.length)
      return Stream.fromIterable({
        *[Symbol.iterator]() {
          for (let at = 0; at < part.length; at += step) yield part.subarray(at, at + step)
        },
      })
    },
  }
}

export type Options = NonNullable<Parameters<typeof xml>[0]>
export const formatOf = (options: Options = {}): Effect.Effect<Format> => Effect.orDie(xml(options).decode)

/** Tables as rows by column name, NULL left out; `^` is the number of the parent's row. And the facts of the file. */
export const read = Effect.fnUntraced(function* (content: Uint8Array | string, options: Options = {}, step?: number) {
  const format = yield* formatOf(options)
  const events: ReadonlyArray<TableEvent> = yield* Stream.runCollect(format.read(fileOf(content, step)))
  const tables = yield* collectTables(Stream.fromIterable(events))
  const facts = events.find((event) => event._tag === "Facts")?.facts ?? {}
  const rows = Object.fromEntries(
    Object.entries(tables).map(([name, table]) => [
      name,
      table.rows.map((row, index) =>
        Object.fromEntries([
          ...(table.parent === undefined ? [] : [["^", table.parentRows[index]]]),
          ...table.columns.map((column, c) => [column, row[c] ?? null] as const).filter(([, cell]) => cell !== null),
        ]),
      ),
    ]),
  )
  return { tables, rows, facts }
})
