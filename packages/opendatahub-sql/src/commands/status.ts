/** `odh status`: every resource as it stands. */
import type { Freshness } from "@opendatahub-sql/core"
import { type LoadStatus, status } from "@opendatahub-sql/lake"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { Work } from "../cli/command.ts"
import { bytesText, countText, durationText, instantText } from "../cli/numbers.ts"
import { tableText } from "../cli/output.ts"
import { freshnessOf } from "../freshness.ts"
import { withoutTitle } from "./summary.ts"
import { lakePlace } from "../lake-place.ts"

/** Of the destination that took least: how many remain, and how many a replay closed. */
const rejectsText = (loads: ReadonlyArray<LoadStatus>): string => {
  const [worst] = loads.toSorted((a, b) => b.rejects - a.rejects)
  if (worst === undefined || worst.rejects + worst.closed === 0) return ""
  return worst.closed === 0
    ? countText(worst.rejects)
    : `${countText(worst.rejects)} (${countText(worst.closed)} closed)`
}

/** `late: 3 d old, every 1 d`: the age of the contents only where something can be expected of them. */
const freshText = ({ state, age, promised, declared, observed }: Freshness): string => {
  if (state === "unknown" || age === undefined) return ""
  if (state === "fresh") return "yes"
  const [period, whose] =
    promised !== undefined
      ? [promised, "promised"]
      : declared !== undefined
        ? [declared, "declared"]
        : [observed ?? 0, "observed"]
  return `late: ${durationText(age)} old, every ${durationText(period)} ${whose}`
}

/** One line a resource, then what is wrong. */
export const work: Work = ({ output, hub: config }) =>
  Effect.gen(function* () {
    const hub = yield* config
    const now = yield* Clock.currentTimeMillis
    const all = (yield* status(lakePlace(hub))).map((one) => ({ ...one, freshness: freshnessOf(hub, one, now) }))
    output.result(all, () =>
      all.length === 0
        ? "the lake is empty: `odh sync` fills it"
        : [
            tableText(
              [
                "dataset",
                "file",
                "extractions",
                "last change",
                "last seen",
                "size",
                "loaded",
                "rejects",
                "fresh",
                "state",
              ],
              all.map((one) => [
                one.datasetTitle,
                one.title,
                one.extractions,
                one.last === undefined ? "never" : instantText(one.last.extractedAt),
                one.seenAt === undefined ? "" : instantText(one.seenAt),
                one.last === undefined ? "" : bytesText(one.last.bytes),
                one.loads.length === 0 ? "no" : one.loads.every((load) => load.isCurrent) ? "yes" : "behind",
                rejectsText(one.loads),
                freshText(one.freshness),
                one.gone?.state ?? (one.trouble.length > 0 ? "trouble" : "fine"),
              ]),
            ),
            ...all.flatMap((one) => [
              ...(one.gone === undefined ? [] : [`${one.title}: ${one.gone.message}`]),
              ...one.trouble.map(
                (trouble) =>
                  `${one.title}: ${trouble.stage} failed at ${instantText(trouble.at)}: ${withoutTitle(trouble.message, one.title)}`,
              ),
            ]),
          ].join("\n"),
    )
    return 0
  })
