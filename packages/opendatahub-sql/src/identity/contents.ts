/** What is in a file, as far as it helps to recognise it: the columns of its largest table, and a sample of its rows that is the same for equal rows. */
import {
  defaultTableSettings,
  type RawFile,
  readTables,
  resolve,
  type Resource,
  type TypedTable,
} from "@opendatahub-sql/core"
import type { Hub } from "@opendatahub-sql/core/config"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { createHash } from "node:crypto"

/** Rows of a sample, about. */
const SAMPLE = 20_000

/** Reads the largest table without a parent; `undefined` when nothing in the file can be read. It lives as long as the scope. */
export const largestTable = Effect.fnUntraced(function* (
  hub: Hub,
  file: RawFile,
  { format }: Pick<Resource, "format">,
) {
  const read = Effect.gen(function* () {
    const { leaves } = yield* resolve(file, format, hub.readers)
    const { tables } = yield* readTables(leaves, {
      base: "t",
      pinned: [],
      settings: () => defaultTableSettings,
      existing: () => Effect.succeed({}),
      types: "auto",
    })
    return tables.filter(({ parent }) => parent === undefined).toSorted((a, b) => b.rows - a.rows)[0]
  })
  return yield* Effect.catchIf(
    read,
    ({ reason }) => reason._tag === "DataQuality",
    () => Effect.succeed(undefined),
  )
})

/** The names of the columns. */
export const columnsOf = (table: TypedTable): ReadonlySet<string> => new Set(table.columns.map(({ name }) => name))

/** Hashes of rows over `columns`; of `rows` rows about {@link SAMPLE} are in it, those whose hash is small, so that two samples of equal rows are equal. */
export const sampleOf = Effect.fnUntraced(function* (table: TypedTable, columns: ReadonlyArray<string>, rows: number) {
  const most = Math.min(1, SAMPLE / Math.max(1, rows)) * 0xffff_ffff
  const places = columns.map((column) => table.columns.findIndex(({ name }) => name === column))
  const sample = new Set<string>()
  yield* Stream.runForEach(table.batches(), (batch) =>
    Effect.sync(() => {
      for (let row = 0; row < batch.size; row++) {
        const cells = places.map((place) => String(batch.columns[place]?.[row] ?? ""))
        const hash = createHash("md5").update(cells.join("\u0000")).digest()
        if (hash.readUInt32BE(0) <= most) sample.add(hash.toString("latin1"))
      }
    }),
  )
  return sample
})
