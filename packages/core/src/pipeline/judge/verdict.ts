/** What a person said of extractions: which are never loaded, and which are although they look wrong. */
import * as Effect from "effect/Effect"
import { type Extraction, Lake, type ResourceKey } from "../../contracts/lake.ts"

/** The verdicts of a resource, by the instant of the extraction. */
export const verdictsOf = Effect.fnUntraced(function* (key: ResourceKey) {
  const lake = yield* Lake
  return new Map((yield* lake.verdicts(key)).map(({ extractedAt, verdict }) => [extractedAt, verdict]))
})

/** Whether a person said that an extraction is good. */
export const isAccepted = (extraction: Extraction) =>
  Effect.map(
    verdictsOf({
      source: extraction.resource.source,
      dataset: extraction.resource.dataset.id,
      resource: extraction.resource.id,
    }),
    (verdicts) => verdicts.get(extraction.extractedAt) === "accepted",
  )
