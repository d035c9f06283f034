/** Answers of the real portal, kept in `fixtures/corpus`. */
import { readFileSync } from "node:fs"
import * as Schema from "effect/Schema"
import type { JsonObject } from "@opendatahub-sql/core"
import { ResourceAnswer } from "../src/portal/answers.ts"
import type { Candidate } from "../src/selection/rules.ts"

/** The corpus, as the replica wants it. */
export const corpus = new URL("../../../fixtures/corpus/", import.meta.url).pathname

const read = (name: string): unknown => JSON.parse(readFileSync(corpus + name, "utf8"))

/** One answer of the API client's fixtures. */
export const recordedAnswer = (name: string): JsonObject => read(`api-client-fixtures/${name}`) as JsonObject

/** The 15 recorded datasets: all resources, in the portal's order. */
export const recordedDatasets = (
  read("api-datasets-fixtures/results.json") as {
    readonly datasets: ReadonlyArray<{
      readonly dataset: JsonObject & { readonly slug: string }
      readonly resources: ReadonlyArray<JsonObject>
    }>
  }
).datasets

/** What the rules choose from. */
export const candidate = (received: JsonObject): Candidate<JsonObject> => ({
  answer: Schema.decodeUnknownSync(ResourceAnswer)(received),
  received,
})

/** The resources of one recorded dataset. */
export const resourcesOf = (slug: string): ReadonlyArray<Candidate<JsonObject>> => {
  const found = recordedDatasets.find(({ dataset }) => dataset.slug === slug)
  if (found === undefined) throw new Error(`no recorded dataset ${slug}`)
  return found.resources.map(candidate)
}
