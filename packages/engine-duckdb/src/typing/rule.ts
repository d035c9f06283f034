/** How a column is read: decided from evidence, corrected by what did not fit. Pure. */
import { type ColumnType, joinTypes } from "@opendatahub-sql/core"
import { type Evidence, noEvidence } from "./evidence.ts"
import { booleanLetter, booleanOf, letterPairs } from "./text/boolean-words.ts"
import type { TemporalForm } from "./text/temporal-forms.ts"

/** Text as it came. */
export interface TextRule {
  readonly kind: "text"
  readonly type: "text"
  readonly why: string
}
/** The format gave the type: canonical text to cast, or (`native`) values of the engine's own type. */
export interface GivenRule {
  readonly kind: "given"
  readonly type: ColumnType
  readonly native: boolean
  readonly why: string
}
export interface BooleanRule {
  readonly kind: "boolean"
  readonly type: ColumnType
  /** Words that are no value here: see `text/null-words.ts`. */
  readonly nullWords?: ReadonlyArray<string>
  /** The words as spelled, tried before all others. */
  readonly spellings: ReadonlyArray<string>
  /** Letters that count too, of a pair of which both are there; when asked for, all of them and `0` and `1`. */
  readonly letters: ReadonlyArray<string>
  readonly why: string
}
export interface NumberRule {
  readonly kind: "number"
  readonly type: ColumnType
  /** Words that are no value here: see `text/null-words.ts`. */
  readonly nullWords?: ReadonlyArray<string>
  readonly mark: "," | "."
  /** The grouping space most values carry, if most do. */
  readonly grouping: string | undefined
  /** Only when asked for: `01001` is 1001. */
  readonly leadingZeros: boolean
  /** The unit that every value is written with. */
  readonly unit?: string
  readonly why: string
}
export interface TemporalRule {
  readonly kind: "temporal"
  readonly type: ColumnType
  /** Words that are no value here: see `text/null-words.ts`. */
  readonly nullWords?: ReadonlyArray<string>
  /** The forms accepted, the most frequent first. */
  readonly forms: ReadonlyArray<TemporalForm>
  /** What most values look like, digits as `9`. */
  readonly shape: string | undefined
  readonly why: string
}
export type Rule = TextRule | GivenRule | BooleanRule | NumberRule | TemporalRule

/** What a decision needs besides evidence. */
export interface Deciding {
  /** The share of values that must fit a first hypothesis, 0 to 1. */
  readonly share: number
  /** The share that must fit in the end (0.999). Scientific notation counts only when plain numbers alone do not reach it. */
  readonly needed: number
  /** The name speaks of a date, so `20240131` is one. */
  readonly dateNamed: boolean
}

/** A rule with the number of values it reads. */
interface Candidate {
  readonly rule: Rule
  readonly fits: number
}

/** The reason of a text rule for a column without values. */
export const NO_VALUE = "no value"

const sumOf = (counts: ReadonlyMap<string, number>, keys: Iterable<string>): number =>
  [...keys].reduce((sum, key) => sum + (counts.get(key) ?? 0), 0)

const text = (why: string): TextRule => ({ kind: "text", type: "text", why })

/** The letters of the pair that is there in full, and most often. */
const lettersOf = ({ letters }: Evidence): ReadonlyArray<string> => {
  const count = (pair: ReadonlyArray<string>): number => sumOf(letters, pair)
  return letterPairs
    .filter((pair) => pair.every((letter) => letters.has(letter)))
    .reduce<ReadonlyArray<string>>((best, pair) => (count(pair) > count(best) ? pair : best), [])
}

const booleanCandidate = (evidence: Evidence): Candidate => {
  const letters = lettersOf(evidence)
  const spellings = [...evidence.spellings.keys()].filter(
    (word) => booleanOf(word) !== undefined || letters.includes(booleanLetter(word) ?? ""),
  )
  return {
    fits: evidence.booleans + sumOf(evidence.letters, letters),
    rule: {
      kind: "boolean",
      type: "boolean",
      spellings: spellings.slice(0, 4),
      letters,
      why: [...new Set(spellings.map((word) => word.toLowerCase()))].join(", "),
    },
  }
}

const markOf = (evidence: Evidence): "," | "." =>
  evidence.fractions[","] + evidence.scientific[","] > evidence.fractions["."] + evidence.scientific["."] ? "," : "."

const groupingOf = (evidence: Evidence): string | undefined => {
  const [space, count] = [...evidence.grouped].toSorted((a, b) => b[1] - a[1])[0] ?? [undefined, 0]
  return count * 2 > evidence.wholes + evidence.fractions[","] + evidence.fractions["."] ? space : undefined
}

/** The narrowest exact type of plain numbers: 64 bits, then 18 digits (a 64-bit decimal), then 38, then a double. */
const numberType = (evidence: Evidence, mark: "," | "."): ColumnType => {
  if (evidence.fractions[mark] === 0) return evidence.wide > 0 ? "decimal(38,0)" : "bigint"
  const scale = evidence.scale[mark]
  const digits = Math.max(evidence.digits, 1) + scale
  return digits <= 18 ? `decimal(18,${scale})` : digits <= 38 ? `decimal(38,${scale})` : "double"
}

const numberCandidate = (evidence: Evidence, needed: number): Candidate => {
  const mark = markOf(evidence)
  const plain = evidence.wholes + evidence.fractions[mark]
  const scientific = evidence.scientific[mark] + evidence.scientific.none
  const grouping = groupingOf(evidence)
  const marked = evidence.fractions[mark] > 0 ? (mark === "," ? "decimal comma" : "decimal point") : "whole numbers"
  const why = grouping === undefined ? marked : `${marked}, grouped by three`
  if (plain < needed * (plain + scientific)) {
    if (plain > 0 && evidence.fractions[mark] === 0 && evidence.trulyScientific === 0) {
      return {
        fits: plain + scientific,
        rule: text("scientific notation among whole numbers: codes mangled by a spreadsheet"),
      }
    }
    return {
      fits: plain + scientific,
      rule: { kind: "number", type: "double", mark, grouping, leadingZeros: false, why: "scientific notation" },
    }
  }
  return {
    fits: plain,
    rule: { kind: "number", type: numberType(evidence, mark), mark, grouping, leadingZeros: false, why },
  }
}

/** Numbers that are all written with the same unit. */
const unitCandidate = ({ units }: Evidence, needed: number): Candidate | undefined => {
  const [found] = [...units].toSorted((a, b) => b[1].values - a[1].values)
  if (found === undefined) return undefined
  const [unit, numbers] = found
  const { fits, rule } = numberCandidate(numbers, needed)
  return rule.kind !== "number" || numbers.code !== undefined
    ? undefined
    : { fits, rule: { ...rule, unit, why: `${rule.why}, in ${unit}` } }
}

const formWords: Readonly<Record<TemporalForm, string>> = {
  iso: "yyyy-mm-dd",
  "day-first": "day first",
  "month-first": "month first",
  compact: "yyyymmdd",
  worded: "month in words",
  "iso-time": "yyyy-mm-dd hh:mm",
  "day-first-time": "day first, with time",
  "month-first-time": "month first, with time",
  "worded-time": "month in words, with time",
  instant: "with a UTC offset",
  clock: "hh:mm",
}

const temporalRule = (type: ColumnType, evidence: Evidence, forms: ReadonlyArray<TemporalForm>): TemporalRule => {
  const used = forms
    .filter((form) => evidence.temporal[form] > 0)
    .toSorted((a, b) => evidence.temporal[b] - evidence.temporal[a])
  return {
    kind: "temporal",
    type,
    forms: used,
    shape: [...evidence.spellings].filter(([shape]) => shape.includes("9")).toSorted((a, b) => b[1] - a[1])[0]?.[0],
    why: used.map((form) => formWords[form]).join("; "),
  }
}

/** Eight digits are dates only if all numbers of the column are, and the name says so or there are several. */
const isCompact = (evidence: Evidence, dateNamed: boolean): boolean =>
  evidence.temporal.compact > 0 &&
  evidence.temporal.compact === evidence.wholes &&
  evidence.fractions[","] + evidence.fractions["."] === 0 &&
  evidence.grouped.size === 0 &&
  (dateNamed || evidence.compactDays.size >= 3)

/** Day first unless a value proves the contrary and none the usual. */
const orderOf = (evidence: Evidence): "day-first" | "month-first" =>
  evidence.monthFirstProofs > 0 && evidence.dayFirstProofs === 0 ? "month-first" : "day-first"

const temporalCandidates = (evidence: Evidence, dateNamed: boolean): ReadonlyArray<Candidate> => {
  const order = orderOf(evidence)
  const days: ReadonlyArray<TemporalForm> = isCompact(evidence, dateNamed)
    ? ["iso", order, "worded", "compact"]
    : ["iso", order, "worded"]
  const times: ReadonlyArray<TemporalForm> = ["iso-time", `${order}-time`, "worded-time"]
  const count = (forms: ReadonlyArray<TemporalForm>): number =>
    forms.reduce((sum, form) => sum + evidence.temporal[form], 0)
  return [
    {
      fits: count([...days, ...times]),
      rule: temporalRule(count(times) > 0 ? "timestamp" : "date", evidence, [...days, ...times]),
    },
    { fits: evidence.temporal.instant, rule: temporalRule("timestamptz", evidence, ["instant"]) },
    { fits: evidence.temporal.clock, rule: temporalRule("time", evidence, ["clock"]) },
  ]
}

const best = (evidence: Evidence, deciding: Deciding): Candidate =>
  [
    ...temporalCandidates(evidence, deciding.dateNamed),
    numberCandidate(evidence, deciding.needed),
    booleanCandidate(evidence),
    ...[unitCandidate(evidence, deciding.needed) ?? []].flat(),
  ].reduce((left, right) => (right.fits > left.fits ? right : left))

const countOf = (words: ReadonlyMap<string, number>): number =>
  [...words.values()].reduce((sum, count) => sum + count, 0)

/** The share of values that the best typed reading takes: near 1, the sample may have been unlucky. */
export const bestShare = (evidence: Evidence, deciding: Deciding): number => {
  const values = evidence.values - countOf(evidence.nullWords)
  return values === 0 ? 0 : best(evidence, deciding).fits / values
}

/** Proven: what is left without these words all reads as the rule does. */
const withNullWords = (rule: Rule, evidence: Evidence): Rule => {
  const nullWords = [...evidence.nullWords.keys()]
  if (nullWords.length === 0 || rule.kind === "text" || rule.kind === "given") return rule
  return {
    ...rule,
    nullWords,
    why: `${rule.why}; ${nullWords.map((word) => JSON.stringify(word)).join(", ")}: no value`,
  }
}

const percent = (share: number): string => `${(Math.floor(share * 1000) / 10).toFixed(1)} %`

/** The rule for a column, from evidence. Text whenever a value proves a code, or too few values fit anything else. */
export const hypothesis = (evidence: Evidence, deciding: Deciding): Rule => {
  if (evidence.values === 0) return text(NO_VALUE)
  if (evidence.code !== undefined) return text(`${JSON.stringify(evidence.code)} is a code`)
  const { fits, rule } = best(evidence, deciding)
  if (fits === 0) return text("words")
  const share = fits / (evidence.values - countOf(evidence.nullWords))
  return share >= deciding.share
    ? withNullWords(rule, evidence)
    : text(share < 0.5 ? "words" : `only ${percent(share)} of the values are ${rule.type}`)
}

/** How many values of the evidence the rule would read, words for no value included. */
export const readable = (rule: Rule, evidence: Evidence): number => {
  if (rule.kind === "text" || rule.kind === "given") return evidence.values
  const words = (rule.nullWords ?? []).reduce((sum, word) => sum + (evidence.nullWords.get(word) ?? 0), 0)
  return words + read(rule, evidence)
}

const read = (rule: BooleanRule | NumberRule | TemporalRule, evidence: Evidence): number => {
  switch (rule.kind) {
    case "boolean":
      return evidence.booleans + sumOf(evidence.letters, rule.letters)
    case "number": {
      if (rule.unit !== undefined) {
        const { unit, ...plain } = rule
        const numbers = evidence.units.get(unit)
        return numbers === undefined ? 0 : read(plain, numbers)
      }
      const plain = evidence.wholes + evidence.fractions[rule.mark]
      return rule.type === "double" ? plain + evidence.scientific[rule.mark] + evidence.scientific.none : plain
    }
    case "temporal":
      return rule.forms.reduce((sum, form) => sum + evidence.temporal[form], 0)
  }
}

/** What a pass over the whole file found in a column. */
export interface Outcome {
  /** Values the rule read, and values it did not. */
  readonly fits: number
  readonly misses: number
  /** Evidence of the misses: of all, or of the first of very many. */
  readonly misfits: Evidence
  /** All that was seen of the column: sample and misfits of every pass. */
  readonly seen: Evidence
}

const unitOf = (rule: Rule): string | undefined => (rule.kind === "number" ? rule.unit : undefined)

/** `20240131` is a whole number too, so what a compact date read a number reads. */
const sameFamily = (rule: Rule, next: Rule): boolean =>
  (rule.kind === next.kind && unitOf(rule) === unitOf(next)) ||
  (rule.kind === "temporal" && rule.forms.every((form) => form === "compact") && next.kind === "number")

/**
 * The verdict on a rule after a pass: the same rule when it holds, a wider one when misfits are of its family (more decimals, a time of day,
 * another form of date), text when a misfit proves a code or more misfits remain than tolerated. A wider rule needs a pass of its own.
 */
export const verdict = (rule: Rule, outcome: Outcome, deciding: Deciding): Rule => {
  const { fits, misses, misfits, seen } = outcome
  if (misses === 0 || rule.kind === "text" || rule.kind === "given") return rule
  if (misfits.code !== undefined) return text(`${JSON.stringify(misfits.code)} is a code`)
  const kept = fits / (fits + misses)
  const next = hypothesis(seen, { ...deciding, share: 0 })
  if (next.kind === "text" && next.why !== "words") return next
  const gained =
    next.kind === "text" || sameReading(rule, next) || misfits.values === 0
      ? 0
      : (readable(next, misfits) / misfits.values) * misses
  const share = ((sameFamily(rule, next) ? fits : 0) + gained) / (fits + misses)
  if (gained > 0 && share >= deciding.needed && share >= kept) return next
  return kept >= deciding.needed ? rule : text(`only ${percent(Math.max(kept, share))} of the values are ${rule.type}`)
}

/** The rule with the type that the column already has elsewhere; text when no type holds both. */
export const atLeast = (rule: Rule, type: ColumnType | undefined): Rule => {
  if (type === undefined || type === "null" || rule.type === type) return rule
  if (rule.kind === "text" && rule.why === NO_VALUE)
    return readAs(type, noEvidence(), false, `${NO_VALUE}; ${type} before`)
  const joined = joinTypes(rule.type, type)
  if (joined === rule.type) return rule
  if (rule.kind === "given" && rule.native && joined === "text")
    return { ...rule, type: "text", why: `${rule.type} here, ${type} before` }
  return joined === "text"
    ? text(`${rule.type} here, ${type} before`)
    : ({ ...rule, type: joined, why: `${rule.why}; ${type} before` } as Rule)
}

const allDates = (order: "day-first" | "month-first"): ReadonlyArray<TemporalForm> => [
  "iso",
  order,
  "compact",
  "worded",
]

const readAs = (type: ColumnType, evidence: Evidence, everySpelling: boolean, why: string): Rule => {
  const shape = temporalRule(type, evidence, []).shape
  const order = orderOf(evidence)
  const byCount = (forms: ReadonlyArray<TemporalForm>): ReadonlyArray<TemporalForm> =>
    forms.toSorted((a, b) => evidence.temporal[b] - evidence.temporal[a])
  switch (type) {
    case "text":
    case "null":
      return text(why)
    case "boolean":
      return {
        kind: "boolean",
        type,
        spellings: [],
        letters: everySpelling ? ["o", "n", "y", "t", "f", "T", "F", "1", "0"] : [],
        why,
      }
    case "date":
      return { kind: "temporal", type, forms: byCount(allDates(order)), shape, why }
    case "timestamp":
      return {
        kind: "temporal",
        type,
        forms: byCount([...allDates(order), "iso-time", `${order}-time`, "worded-time"]),
        shape,
        why,
      }
    case "timestamptz":
      return { kind: "temporal", type, forms: ["instant"], shape, why }
    case "time":
      return { kind: "temporal", type, forms: ["clock"], shape, why }
    case "json":
    case "blob":
      return { kind: "given", type, native: false, why }
    default: {
      const inUnit = unitCandidate(evidence, 1)
      const [numbers, unit] =
        inUnit !== undefined && inUnit.fits > numberCandidate(evidence, 1).fits && inUnit.rule.kind === "number"
          ? [evidence.units.get(inUnit.rule.unit ?? "") ?? evidence, { unit: inUnit.rule.unit ?? "" }]
          : [evidence, {}]
      return {
        kind: "number",
        type,
        mark: markOf(numbers),
        grouping: groupingOf(numbers),
        leadingZeros: everySpelling,
        ...unit,
        why,
      }
    }
  }
}

/** The rule for a type the configuration asks for: every spelling of the type is taken, what remains is a misfit. */
export const pinned = (type: ColumnType, evidence: Evidence): Rule => readAs(type, evidence, true, "asked for")

/** Whether two rules read the same values into the same type. */
export const sameReading = (left: Rule, right: Rule): boolean => {
  const key = (rule: Rule): string =>
    rule.kind === "number"
      ? `${rule.type} ${rule.mark} ${rule.leadingZeros} ${rule.unit ?? ""}`
      : rule.kind === "temporal"
        ? `${rule.type} ${rule.forms.toSorted().join()}`
        : rule.kind === "boolean"
          ? `${rule.type} ${rule.letters.toSorted().join("")}`
          : rule.type
  const words = (rule: Rule): string => ("nullWords" in rule ? (rule.nullWords ?? []).toSorted().join("\u0000") : "")
  return left.kind === right.kind && key(left) === key(right) && words(left) === words(right)
}
