/** `odh iceberg orphans`: files that no snapshot needs. */
import { removeOrphans } from "@opendatahub-sql/sink-iceberg"
import * as Effect from "effect/Effect"
import type { Work } from "../../cli/command.ts"
import { bytesText } from "../../cli/numbers.ts"
import { tableText } from "../../cli/output.ts"
import { ageOf, dryRun, lakehouseTables } from "./lakehouse.ts"

const DAYS = 3

/** One line a file. */
export const work: Work = ({ positionals: [asked], flag, text, output, hub }) =>
  Effect.gen(function* () {
    const olderThan = yield* ageOf(text("older-than"), DAYS)
    const { lakehouse, tables } = yield* lakehouseTables(yield* hub, asked)
    const apply = flag("apply")
    const done = yield* Effect.forEach(tables, (table) => removeOrphans(lakehouse, table, { olderThan, apply }))
    const files = done.flatMap((one) => one.files.map((file) => [one.table, file.location, bytesText(file.bytes)]))
    output.result(done, () =>
      files.length === 0
        ? "no file that nothing needs"
        : [tableText(["table", "file", "size"], files), ...dryRun(apply)].join("\n"),
    )
    return 0
  }).pipe(Effect.scoped)
