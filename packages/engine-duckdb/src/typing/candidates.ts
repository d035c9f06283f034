/** What the values of a column may be, each reading with the number of values it takes. Pure. */
import type { ColumnType } from "@opendatahub-sql/core"
import type { Evidence } from "./evidence.ts"
import { type Rule, type TemporalRule, textRule } from "./rule.ts"
import { booleanLetter, booleanOf, letterPairs } from "./text/boolean-words.ts"
import type { TemporalForm } from "./text/temporal-forms.ts"

/** A rule with the number of values it reads. */
export interface Candidate {
  readonly rule: Rule
  readonly fits: number
}

export const sumOf = (counts: ReadonlyMap<string, number>, keys: Iterable<string>): number =>
  [...keys].reduce((sum, key) => sum + (counts.get(key) ?? 0), 0)

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

export const markOf = (evidence: Evidence): "," | "." =>
  evidence.fractions[","] + evidence.scientific[","] > evidence.fractions["."] + evidence.scientific["."] ? "," : "."

export const groupingOf = (evidence: Evidence): string | undefined => {
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

export const numberCandidate = (evidence: Evidence, needed: number): Candidate => {
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
        rule: textRule("scientific notation among whole numbers: codes mangled by a spreadsheet"),
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
export const unitCandidate = ({ units }: Evidence, needed: number): Candidate | undefined => {
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

export const temporalRule = (
  type: ColumnType,
  evidence: Evidence,
  forms: ReadonlyArray<TemporalForm>,
): TemporalRule => {
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
export const orderOf = (evidence: Evidence): "day-first" | "month-first" =>
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

/** Every reading. `needed`: the share of plain numbers at which scientific notation does not count. */
export const candidates = (evidence: Evidence, needed: number, dateNamed: boolean): ReadonlyArray<Candidate> => {
  const inUnit = unitCandidate(evidence, needed)
  return [
    ...temporalCandidates(evidence, dateNamed),
    numberCandidate(evidence, needed),
    booleanCandidate(evidence),
    ...(inUnit === undefined ? [] : [inUnit]),
  ]
}
