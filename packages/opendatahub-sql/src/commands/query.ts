/** `odh query`: SQL on the warehouse. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Work } from "../cli/command.ts"
import { type Printed, tableText } from "../cli/output.ts"
import { connectWarehouse } from "./warehouse.ts"

const MOST_PRINTED = 200

/** With `--json` one line per row, exact values; else a table of the first rows. */
export const work: Work = ({ positionals: [sql = ""], text, output, hub: config }) =>
  Effect.scoped(Effect.gen(function* () {
    const connection = yield* connectWarehouse(yield* config, text("sink"))
    const batches = connection.batches(sql, "answer the query")
    if (output.json) {
      yield* Stream.runForEach(batches, (batch) => Effect.sync(() => {
        for (let r = 0; r < batch.size; r++) output.line(Object.fromEntries(batch.names.map((name, c) => [name, batch.columns[c]?.[r] ?? null])))
      }))
      return 0
    }
    let names: ReadonlyArray<string> = []
    const rows: Array<ReadonlyArray<Printed>> = []
    yield* Stream.runForEachWhile(batches, (batch) => Effect.sync(() => {
      names = batch.names
      for (let r = 0; r < batch.size && rows.length <= MOST_PRINTED; r++) {
        rows.push(batch.columns.map((column) => {
          const value = column[r] ?? null
          return value instanceof Uint8Array ? `${value.length} bytes` : value
        }))
      }
      return rows.length <= MOST_PRINTED
    }))
    const more = rows.length > MOST_PRINTED
    output.result(undefined, () =>
      rows.length === 0 ? "no rows" : tableText(names, rows.slice(0, MOST_PRINTED)) + (more ? `\nthe first ${MOST_PRINTED} rows; \`--json\` gives them all` : ""))
    return 0
  }))
