import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { REFERENCE } from "./portal/reference.ts"
import { patternProblem } from "./selection/pattern.ts"

/** What is called to speak to the API, in place of Node's `fetch`: it gets one URL of the portal and must not follow redirects. */
export type Http = (
  url: URL,
  request: { readonly headers: Record<string, string>; readonly redirect: "manual"; readonly signal: AbortSignal },
) => Promise<Response>

const isHttp = (value: unknown): value is Http => typeof value === "function"

const Pattern = Schema.String.check(Schema.makeFilter(patternProblem))
const Patterns = Schema.Union([
  Pattern,
  Schema.Array(Pattern).check(Schema.isMinLength(1, { message: "an empty list matches nothing" })),
])

const Reference = Schema.String.check(
  Schema.isPattern(REFERENCE, {
    message: "must be an id (24 hexadecimal digits) or a slug, as at the end of the page's address",
  }),
)

const criteria = {
  id: Schema.optionalKey(Patterns),
  title: Schema.optionalKey(Patterns),
  format: Schema.optionalKey(Patterns),
  mime: Schema.optionalKey(Patterns),
  type: Schema.optionalKey(Patterns),
  schema: Schema.optionalKey(Patterns),
}
const Criteria = Schema.Struct(criteria)

const atLeastOne = Schema.isGreaterThanOrEqualTo(1, { message: "must be 1 or more" })

const Rules = Schema.Struct({
  ...criteria,
  newest: Schema.optionalKey(Schema.Int.check(atLeastOne)),
  exclude: Schema.optionalKey(Criteria),
})

const table = { resources: Schema.optionalKey(Rules), into: Schema.optionalKey(Schema.NonEmptyString) }

const DatasetEntry = Schema.Struct({ id: Reference, ...table })

const Word = Schema.NonEmptyString

/** The filters of a search. */
export const FILTERS = [
  "q",
  "tag",
  "organization",
  "license",
  "format",
  "schema",
  "geozone",
  "granularity",
  "featured",
] as const

const SearchRule = Schema.Struct({
  q: Schema.optionalKey(Word),
  tag: Schema.optionalKey(
    Schema.Union([
      Word,
      Schema.Array(Word).check(Schema.isMinLength(1, { message: "an empty list asks for nothing" })),
    ]),
  ),
  organization: Schema.optionalKey(Reference),
  license: Schema.optionalKey(Word),
  format: Schema.optionalKey(Word),
  schema: Schema.optionalKey(Word),
  geozone: Schema.optionalKey(Word),
  granularity: Schema.optionalKey(Word),
  featured: Schema.optionalKey(Schema.Boolean),
  max: Schema.optionalKey(Schema.Int.check(atLeastOne)),
  ...table,
}).check(
  Schema.makeFilter(
    (rule) => FILTERS.some((key) => rule[key] !== undefined) || `needs at least one filter: ${FILTERS.join(", ")}`,
  ),
)

/** Resources of the whole catalogue; `organization` matches names and ids, `dataset` ids, slugs and titles. */
const EverythingRule = Schema.Struct({
  ...criteria,
  newest: Schema.optionalKey(Schema.Int.check(atLeastOne)),
  exclude: Schema.optionalKey(Criteria),
  organization: Schema.optionalKey(Patterns),
  dataset: Schema.optionalKey(Patterns),
  into: Schema.optionalKey(Schema.NonEmptyString),
})

const portalProblem = (text: string): string | undefined => {
  if (!URL.canParse(text)) return "must be the address of a portal, such as https://www.data.gouv.fr"
  const { protocol, username, password } = new URL(text)
  if (protocol !== "https:" && protocol !== "http:") return "must start with https:// or http://"
  return username + password === "" ? undefined : "must not carry a user name or password"
}

/** The schema of the options of `datagouv()`. */
export const Options = Schema.Struct({
  url: Schema.String.check(Schema.makeFilter(portalProblem)).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed("https://www.data.gouv.fr")),
  ),
  apiKey: Schema.optionalKey(
    Schema.Redacted(Schema.NonEmptyString).annotate({
      message: "must not be written down: set DATAGOUV_API_KEY in the environment, or pass a Redacted value",
    }),
  ),
  pageSize: Schema.Int.check(
    Schema.isBetween({ minimum: 1, maximum: 100 }, { message: "must be between 1 and 100" }),
  ).pipe(Schema.withDecodingDefaultKey(Effect.succeed(100))),
  datasets: Schema.Array(Schema.Union([Reference, DatasetEntry])).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed([])),
  ),
  search: Schema.Array(SearchRule).pipe(Schema.withDecodingDefaultKey(Effect.succeed([]))),
  everything: Schema.Array(EverythingRule).pipe(Schema.withDecodingDefaultKey(Effect.succeed([]))),
  catalogue: Schema.Boolean.pipe(Schema.withDecodingDefaultKey(Effect.succeed(false))),
  http: Schema.optionalKey(Schema.declare(isHttp, { expected: "a function like fetch" })),
})

/** What a user writes: every key may be left out. */
export type DatagouvOptions = typeof Options.Encoded
/** The options with their defaults. */
export type DecodedOptions = typeof Options.Type
/** Patterns on the fields of a resource: all keys must match, and any of the patterns of a key. */
export type ResourceCriteria = typeof Criteria.Type
/** What is wanted of the whole catalogue. */
export type EverythingOptions = typeof EverythingRule.Type
/** Which resources of a dataset are wanted. */
export type ResourceRules = typeof Rules.Type
/** A dataset with rules of its own. */
export type DatasetOptions = typeof DatasetEntry.Type
/** A search of the catalogue: filters of the portal, then rules for the resources of what it finds. */
export type SearchOptions = typeof SearchRule.Type
