/** Which resources of a dataset are wanted: pure, over all that the dataset has. */
import type { ResourceCriteria, ResourceRules } from "../options.ts"
import type { ResourceAnswer } from "../portal/answers.ts"
import { siblingsOf } from "./bundle.ts"
import { logicalId, newestFirst } from "./edition.ts"
import { compilePattern } from "./pattern.ts"
import { readability } from "./readable.ts"

/** What one entry of the configuration wants of a dataset: no `rules` means every readable main resource. */
export interface Wanted {
  readonly rules?: ResourceRules | undefined
  readonly into?: string | undefined
}

/** A resource of the portal, decoded and as received. */
export interface Candidate<J = unknown> {
  readonly answer: ResourceAnswer
  readonly received: J
}

/** A resource to load: `id` is its logical id. */
export interface Selected<J = unknown> {
  readonly id: string
  readonly primary: Candidate<J>
  readonly siblings: ReadonlyArray<Candidate<J>>
  readonly into?: string | undefined
}

const any = (patterns: string | ReadonlyArray<string> | undefined): ((text: string) => boolean) | undefined => {
  if (patterns === undefined) return undefined
  const compiled = (typeof patterns === "string" ? [patterns] : patterns).map(compilePattern)
  return (text) => compiled.some((matches) => matches(text))
}

const fields = (answer: ResourceAnswer): ReadonlyArray<readonly [keyof ResourceCriteria, string]> => [
  ["id", answer.id],
  ["title", answer.title ?? ""],
  ["format", answer.format ?? ""],
  ["mime", answer.mime ?? ""],
  ["type", answer.type ?? "main"],
  ["schema", answer.schema?.name ?? answer.schema?.url ?? ""],
]

/** Compiles criteria: a resource passes when every key that is given matches; what the portal leaves empty matches no pattern. */
const compile = (criteria: ResourceCriteria): ((answer: ResourceAnswer) => boolean) => {
  const tests = {
    id: any(criteria.id),
    title: any(criteria.title),
    format: any(criteria.format),
    mime: any(criteria.mime),
    type: any(criteria.type),
    schema: any(criteria.schema),
  }
  return (answer) =>
    fields(answer).every(([key, text]) => tests[key] === undefined || (text !== "" && tests[key](text)))
}

/**
 * Compiles the rules of one entry. Where they name no type, main resources are meant, unless they name ids. Where they name neither format
 * nor media type nor id, what is declared to be a page, a document or an image stays out; without any rules, so does what nobody knows.
 */
const wants = (rules: ResourceRules | undefined): ((answer: ResourceAnswer) => boolean) => {
  const included = compile({ ...(rules?.id === undefined ? { type: "main" } : {}), ...rules })
  const excluded = rules?.exclude === undefined ? () => false : compile(rules.exclude)
  const explicit = rules?.format !== undefined || rules?.mime !== undefined || rules?.id !== undefined
  return (answer) => {
    if (!included(answer) || excluded(answer)) return false
    const readable = readability(answer)
    return explicit || readable === "readable" || (rules !== undefined && readable === "unknown")
  }
}

const selectOne = <J>(
  dataset: string,
  { rules, into }: Wanted,
  all: ReadonlyArray<Candidate<J>>,
): ReadonlyArray<Selected<J>> => {
  const wanted = wants(rules)
  const matching = all
    .filter(({ answer }) => wanted(answer))
    .map((primary) => ({ ...primary, siblings: siblingsOf(primary, all) }))
  const absorbed = new Set(matching.flatMap(({ siblings }) => siblings.map(({ answer }) => answer.id)))
  const whole = matching.filter(({ answer }) => !absorbed.has(answer.id))
  const kept = rules?.newest === undefined ? whole : newestFirst(whole).slice(0, rules.newest)
  return kept.map(({ siblings, ...primary }) => ({
    id: rules?.newest === 1 ? logicalId(dataset, rules) : primary.answer.id,
    primary,
    siblings,
    into,
  }))
}

/**
 * Applies every entry to the resources of a dataset, in order. A resource that two entries want belongs to the first.
 * `counts` says how many each entry matched, before that.
 */
export const select = <J>(
  dataset: string,
  entries: ReadonlyArray<Wanted>,
  all: ReadonlyArray<Candidate<J>>,
): { readonly selected: ReadonlyArray<Selected<J>>; readonly counts: ReadonlyArray<number> } => {
  const selections = entries.map((entry) => selectOne(dataset, entry, all))
  const taken = new Set<string>()
  const selected = selections
    .flat()
    .filter(({ primary }) => !taken.has(primary.answer.id) && taken.add(primary.answer.id))
  return { selected, counts: selections.map(({ length }) => length) }
}

/** What there is instead, for a message: the first ten titles with their formats. */
export const offered = (all: ReadonlyArray<Candidate>): string => {
  if (all.length === 0) return "it has no resource"
  const first = all
    .slice(0, 10)
    .map(
      ({ answer }) =>
        `"${answer.title ?? answer.id}" (${answer.type ?? "main"}, ${answer.format ?? answer.mime ?? "no format"})`,
    )
  return `it has ${all.length} resource(s): ${first.join(", ")}${all.length > 10 ? ", …" : ""}`
}
