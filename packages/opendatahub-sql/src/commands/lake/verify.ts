/** `odh lake verify`: is the lake still what its records say? */
import { verify } from "@opendatahub-sql/lake"
import * as Effect from "effect/Effect"
import type { Work } from "../../cli/command.ts"
import { bytesText, countText } from "../../cli/numbers.ts"
import { tableText } from "../../cli/output.ts"
import { lakePlace } from "../../lake-place.ts"

const DATA_REFUSED = 65

/** Exit 65 when a kept file is missing or different. */
export const work: Work = ({ output, hub: config }) =>
  Effect.gen(function* () {
    const place = lakePlace(yield* config)
    const found = yield* verify(place, ({ files, totalFiles, bytes, totalBytes }) =>
      output.progress({
        resource: "verify",
        title: `${files} of ${totalFiles} files`,
        stage: "fetch",
        received: bytes,
        total: totalBytes,
      }),
    )
    output.finish()
    // A line cut by a kill is what the format foresees.
    const serious = found.problems.filter((problem) => problem.kind !== "torn-events")
    output.result(found, () =>
      [
        `${countText(found.records)} records, ${countText(found.files)} files, ${bytesText(found.bytes)} hashed: ${serious.length === 0 ? "all as recorded" : `${serious.length} problem(s)`}`,
        ...(found.problems.length === 0
          ? []
          : [
              tableText(
                ["kind", "file", "what"],
                found.problems.map((problem) => [problem.kind, problem.path, problem.message]),
              ),
            ]),
      ].join("\n"),
    )
    return serious.length === 0 ? 0 : DATA_REFUSED
  })
