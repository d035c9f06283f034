/** `odh iceberg verify`: are the tables what their metadata says? */
import { verifyTable } from "@opendatahub-sql/sink-iceberg"
import * as Effect from "effect/Effect"
import type { Work } from "../../cli/command.ts"
import { countText } from "../../cli/numbers.ts"
import { tableText } from "../../cli/output.ts"
import { lakehouseTables } from "./lakehouse.ts"

const DATA_REFUSED = 65

/** Exit 65 when something is wrong. */
export const work: Work = ({ positionals: [asked], output, hub }) =>
  Effect.gen(function* () {
    const { lakehouse, tables } = yield* lakehouseTables(yield* hub, asked)
    const done = yield* Effect.forEach(tables, (table) => verifyTable(lakehouse, table))
    const problems = done.flatMap((one) =>
      one.problems.map((problem) => [one.table, problem.kind, problem.location, problem.message]),
    )
    output.result(done, () =>
      [
        ...done.map(
          (one) =>
            `${one.table}: ${countText(one.snapshots)} snapshots, ${countText(one.manifests)} manifests, ${countText(one.files)} files read: ${one.problems.length === 0 ? "all as it says" : `${one.problems.length} problem(s)`}`,
        ),
        ...(problems.length === 0 ? [] : [tableText(["table", "kind", "file", "what"], problems)]),
      ].join("\n"),
    )
    return problems.length === 0 ? 0 : DATA_REFUSED
  }).pipe(Effect.scoped)
