/** `odh rejects`: what could not be taken. */
import { type RejectCode, rejectCodes } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import { literal, type QueryRow } from "@opendatahub-sql/engine-duckdb"
import type { Work } from "../cli/command.ts"
import { type Printed, tableText } from "../cli/output.ts"
import { UsageError } from "../cli/usage-error.ts"
import { connectWarehouse } from "./warehouse.ts"

/** What the codes mean, each once. */
const meanings = (rows: ReadonlyArray<QueryRow>): ReadonlyArray<string> =>
  [...new Set(rows.map((row) => String(row["code"])))].map(
    (code) => `${code}: ${rejectCodes[code as RejectCode]?.means ?? "?"}`,
  )

/** Without a table, a count by table, column and code; else the newest rejects of that table, with where they are in the file as received. */
export const work: Work = ({ positionals: [table], text, output, hub: config }) =>
  Effect.scoped(
    Effect.gen(function* () {
      const last = Number(text("last") ?? 50)
      if (!Number.isInteger(last) || last < 1)
        return yield* Effect.fail(new UsageError("--last takes a whole number above 0"))
      const connection = yield* connectWarehouse(yield* config, undefined)
      const rows = yield* connection.all(
        table === undefined
          ? 'select table_name as "table", kind, column_name as "column", code, count(*) as rejects, min(raw) as example from odh.rejects group by all order by rejects desc, 1, 2'
          : `select _extracted_at as extracted, kind, _row as row, _member as member, column_name as "column", code, raw, message, line, byte, byte_length
           from odh.rejects where table_name = ${literal(table)} order by _extracted_at desc, _row limit ${last}`,
        "read the rejects",
      )
      if (output.json) for (const row of rows) output.line(row)
      else {
        output.result(undefined, () =>
          rows.length === 0
            ? "no row and no cell was rejected; members of archives that were left out are warnings of their run"
            : [
                tableText(
                  Object.keys(rows[0] ?? {}),
                  rows.map((row) => Object.values(row) as ReadonlyArray<Printed>),
                ),
                "",
                ...meanings(rows),
              ].join("\n"),
        )
      }
      return 0
    }),
  )
