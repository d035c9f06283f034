/** `odh purge`: rows that must not be kept, out of every state of a table. */
import { misconfigured, SinkError } from "@opendatahub-sql/core"
import { literal, openDatabase, qualified } from "@opendatahub-sql/engine-duckdb"
import { purgeRows, readTable } from "@opendatahub-sql/history"
import * as Effect from "effect/Effect"
import { tmpdir } from "node:os"
import type { Work } from "../cli/command.ts"
import { rowsText } from "../cli/numbers.ts"
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

/** Purges the rows whose columns all have these values; tells how many copies went. */
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
      const where = Object.entries(key)
        .map(([column, value]) => `${qualified(column)}::varchar = ${literal(value)}`)
        .join(" and ")
      const bronze = qualified("bronze", name)
      const purge =
        table.mode === "history"
          ? purgeRows(connection, name, key)
          : connection.one(`select count(*) as n from ${bronze} where ${where}`).pipe(
              Effect.tap(connection.run(`delete from ${bronze} where ${where}`, `purge rows of ${name}`)),
              Effect.map((row) => Number(row["n"])),
            )
      yield* connection.run("begin transaction")
      const rows = yield* Effect.onError(purge, () => Effect.ignore(connection.run("rollback")))
      yield* connection.run("commit")
      output.result(
        { table: name, key, rows },
        () =>
          `${rowsText(rows)} purged from every state of ${name} in ${path}. The lake keeps the files as received: a replay brings the rows back.`,
      )
      return 0
    }),
  )
