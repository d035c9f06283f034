/** `odh purge`: rows that must not be kept, out of every state of a table, with what hangs on them and their rejects. */
import { misconfigured, SinkError } from "@opendatahub-sql/core"
import { openDatabase } from "@opendatahub-sql/engine-duckdb"
import { purgeRows, readTable } from "@opendatahub-sql/history"
import * as Effect from "effect/Effect"
import { tmpdir } from "node:os"
import type { Work } from "../cli/command.ts"
import { countText, rowsText } from "../cli/numbers.ts"
import { UsageError } from "../cli/usage-error.ts"
import { warehousePath } from "./warehouse.ts"

const keyOf = (words: ReadonlyArray<string>): Readonly<Record<string, string>> => {
  const pairs = words.map((word) => {
    const at = word.indexOf("=")
    if (at < 1) throw new UsageError(`"${word}" is not COLUMN=VALUE`)
    return [word.slice(0, at), word.slice(at + 1)] as const
  })
  return Object.fromEntries(pairs)
}

/** Purges the rows whose columns all have these values; tells how many copies went, and what was not reached. */
export const work: Work = ({ positionals: [name = "", ...words], text, output, hub: config }) =>
  Effect.scoped(
    Effect.gen(function* () {
      const key = yield* Effect.try({ try: () => keyOf(words), catch: (error) => error as UsageError })
      const hub = yield* config
      const path = yield* warehousePath(hub, text("sink"))
      const database = yield* openDatabase({ path, workFolder: tmpdir(), memoryLimit: hub.memoryLimit })
      const connection = yield* database.connect
      const table = yield* readTable(connection, name)
      const unknown = Object.keys(key).find((column) => table.columns.every((one) => one.name !== column))
      if (unknown !== undefined) {
        return yield* new SinkError({
          plugin: "duckdb",
          operation: "purge",
          reason: misconfigured,
          message: `"${unknown}" is not a column of ${name}: there are ${table.columns.map((one) => one.name).join(", ")}`,
        })
      }
      yield* connection.run("begin transaction")
      const tables = yield* Effect.onError(purgeRows(connection, table, key), () =>
        Effect.ignore(connection.run("rollback")),
      )
      yield* connection.run("commit")
      yield* connection.run("checkpoint", "take the rows out of the file")
      output.result({ table: name, key, rows: tables[0]?.rows ?? 0, tables }, () =>
        [
          ...tables.map(
            ({ table: one, rows, rejects }) =>
              `${rowsText(rows)} and ${countText(rejects)} rejects purged from every state of ${one}`,
          ),
          `in ${path} alone. Not reached: the files and rejects that the lake keeps as received (a replay brings the rows back), other destinations and published copies,`,
          "and rejected cells of extractions in which the same row was not new (odh.rejects has them by _row and raw text).",
        ].join("\n"),
      )
      return 0
    }),
  )
