/** `odh iceberg compact`: few large files out of many small ones. */
import { compactTable } from "@opendatahub-sql/sink-iceberg"
import * as Effect from "effect/Effect"
import type { Work } from "../../cli/command.ts"
import { bytesText } from "../../cli/numbers.ts"
import { tableText } from "../../cli/output.ts"
import { dryRun, lakehouseTables } from "./lakehouse.ts"

/** One line a table. */
export const work: Work = ({ positionals: [asked], flag, output, hub }) =>
  Effect.gen(function* () {
    const { lakehouse, tables } = yield* lakehouseTables(yield* hub, asked)
    const apply = flag("apply")
    const done = yield* Effect.forEach(tables, (table) => compactTable(lakehouse, table, { apply }))
    output.result(done, () =>
      [
        tableText(
          ["table", "small files", "into", "size", "manifests"],
          done.map((one) => [one.table, one.files, one.into, bytesText(one.bytes), one.manifests]),
        ),
        ...dryRun(apply),
      ].join("\n"),
    )
    return 0
  }).pipe(Effect.scoped)
