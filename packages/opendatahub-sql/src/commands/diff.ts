/** `odh diff`: a table on two dates. */
import type { Connection, QueryRow } from "@opendatahub-sql/engine-duckdb"
import { type Difference, difference, differenceRows, readTable } from "@opendatahub-sql/history"
import * as Effect from "effect/Effect"
import { closeSync, openSync, writeSync } from "node:fs"
import type { Work } from "../cli/command.ts"
import { UsageError } from "../cli/usage-error.ts"
import { csvLine, type DifferenceRow, htmlReport, jsonLine, textReport } from "./diff-report.ts"
import { instantOf } from "./instant.ts"
import { columnsOf } from "./key.ts"
import { connectWarehouse } from "./warehouse.ts"

const formats = ["text", "csv", "json", "html"] as const
const MOST_SHOWN = { text: 200, html: 20_000 } as const

const PAGE = 8_192

const cellsOf = (row: QueryRow): DifferenceRow =>
  Object.values(row).map((value) => (value instanceof Uint8Array ? `${value.length} bytes` : value))

const write = Effect.fnUntraced(function* (
  connection: Connection,
  found: Difference,
  names: ReadonlyArray<string>,
  format: (typeof formats)[number],
  put: (text: string) => void,
) {
  if (format === "text" || format === "html") {
    const rows = (yield* differenceRows(connection, 0, MOST_SHOWN[format])).map(cellsOf)
    const isCut = rows.length < found.lines
    put(format === "html" ? htmlReport(found, names, rows, isCut) : `${textReport(found, names, rows, isCut)}\n`)
    return
  }
  put(format === "csv" ? csvLine(["_change", ...names]) : jsonLine({ _change: "summary", ...found }))
  for (let from = 0; from < found.lines; from += PAGE) {
    for (const row of yield* differenceRows(connection, from, PAGE))
      put(format === "csv" ? csvLine(cellsOf(row)) : jsonLine(row))
  }
})

/** Compares and reports; exit 0 whether or not something differs. */
export const work: Work = ({ positionals: [name = "", first = "", second = ""], text, output, hub: config }) =>
  Effect.scoped(
    Effect.gen(function* () {
      const format = formats.find((one) => one === (text("as") ?? (output.json ? "json" : "text")))
      if (format === undefined)
        return yield* Effect.fail(new UsageError(`--as takes ${formats.join(", ")}, not "${text("as") ?? ""}"`))
      const [from, to] = yield* Effect.try({
        try: () => [instantOf(first, "FROM"), instantOf(second, "TO")] as const,
        catch: (error) => error as UsageError,
      })
      if (from > to) return yield* Effect.fail(new UsageError("FROM is after TO: give the older date first"))
      const hub = yield* config
      const connection = yield* connectWarehouse(hub, text("sink"))
      const table = yield* readTable(connection, name)
      const found = yield* difference(connection, table, from, to, columnsOf(text("key")) ?? hub.settings(name).key)
      const file = text("out")
      const target = file === undefined ? undefined : openSync(file, "w")
      yield* write(connection, found, found.compared, format, (one) =>
        target === undefined ? process.stdout.write(one) : writeSync(target, one),
      ).pipe(
        Effect.ensuring(
          Effect.sync(() => {
            if (target !== undefined) closeSync(target)
          }),
        ),
      )
      return 0
    }),
  )
