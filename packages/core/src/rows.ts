/** Rows out of batches, with exact values. */
import type { Batch, Cell } from "./contracts/table.ts"

/**
 * The rows of a batch as objects: decimals as text, 64-bit integers as bigint, dates and instants as ISO text.
 * @example
 * const batch = { table: "t", size: 1, columns: [["01001"], ["12.50"]], rowNumbers: Float64Array.of(1) }
 * const [row] = [...rows(batch, ["code", "prix"])]
 * row // { code: "01001", prix: "12.50" }
 */
export function* rows(batch: Batch, names: ReadonlyArray<string>): Generator<Readonly<Record<string, Cell>>> {
  for (let r = 0; r < batch.size; r++) {
    yield Object.fromEntries(names.map((name, c) => [name, batch.columns[c]?.[r] ?? null]))
  }
}
