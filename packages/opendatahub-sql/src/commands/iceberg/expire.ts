/** `odh iceberg expire`: old snapshots are forgotten. */
import { expireSnapshots } from "@opendatahub-sql/sink-iceberg"
import * as Effect from "effect/Effect"
import type { Work } from "../../cli/command.ts"
import { tableText } from "../../cli/output.ts"
import { ageOf, dryRun, lakehouseTables, numberOf } from "./lakehouse.ts"

const KEEP = 10
const DAYS = 5

/** One line a table. */
export const work: Work = ({ positionals: [asked], flag, text, output, hub }) =>
  Effect.gen(function* () {
    const keep = yield* numberOf("keep", text("keep"), KEEP)
    const olderThan = yield* ageOf(text("older-than"), DAYS)
    const { lakehouse, tables } = yield* lakehouseTables(yield* hub, asked)
    const apply = flag("apply")
    const done = yield* Effect.forEach(tables, (table) => expireSnapshots(lakehouse, table, { keep, olderThan, apply }))
    output.result(done, () =>
      [
        tableText(
          ["table", "snapshots", "files"],
          done.map((one) => [one.table, one.snapshots.length, one.files.length]),
        ),
        ...dryRun(apply),
      ].join("\n"),
    )
    return 0
  }).pipe(Effect.scoped)
