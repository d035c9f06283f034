/** `odh tables`: what was loaded, by destination. */
import { tables } from "@opendatahub-sql/lake"
import * as Effect from "effect/Effect"
import type { Work } from "../cli/command.ts"
import { instantText } from "../cli/numbers.ts"
import { tableText } from "../cli/output.ts"
import { lakePlace } from "../lake-place.ts"

/** One line a table. */
export const work: Work = ({ output, hub: config }) =>
  Effect.gen(function* () {
    const all = yield* tables(lakePlace(yield* config))
    output.result(all, () =>
      all.length === 0
        ? "no table yet: `odh sync` makes them"
        : tableText(
            ["table", "rows", "rejects", "columns", "extractions", "newest", "destination"],
            all.map((one) => [
              one.table,
              one.rows,
              one.rejects,
              one.columns,
              one.slices,
              instantText(one.extractedAt),
              one.target,
            ]),
          ),
    )
    return 0
  })
