/** `odh lake ls`: the lake as a tree. */
import { listing } from "@opendatahub-sql/lake"
import * as Effect from "effect/Effect"
import type { Work } from "../../cli/command.ts"
import { bytesText, instantText } from "../../cli/numbers.ts"
import { lakePlace } from "../../lake-place.ts"

/** Sources, datasets, resources and extractions, with sizes. */
export const work: Work = ({ output, hub: config }) =>
  Effect.gen(function* () {
    const place = lakePlace(yield* config)
    const sources = yield* listing(place)
    output.result(sources, () =>
      [
        typeof place === "string" ? place : place.location,
        ...sources.flatMap((source) => [
          `└ ${source.id}  ${bytesText(source.bytes)}`,
          ...source.below.flatMap((dataset) => [
            `  └ ${dataset.title} (${dataset.id})  ${bytesText(dataset.bytes)}`,
            ...dataset.below.flatMap((resource) => [
              `    └ ${resource.title} (${resource.id})`,
              ...resource.below.flatMap((extraction) => [
                ...extraction.files.map(
                  (file) =>
                    `      ${instantText(extraction.extractedAt)}  ${file.isShared ? "as before" : bytesText(file.bytes)}  ${file.path}`,
                ),
                ...extraction.rejects.map((path) => `      ${" ".repeat(20)}  rejects  ${path}`),
              ]),
            ]),
          ]),
        ]),
      ].join("\n"),
    )
    return 0
  })
