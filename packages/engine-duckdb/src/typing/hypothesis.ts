/** The rule of a column, decided from evidence. Pure. */
import { type Candidate, candidates, sumOf } from "./candidates.ts"
import type { Evidence } from "./evidence.ts"
import { NO_VALUE, type Rule, textRule } from "./rule.ts"

/** What a decision needs besides evidence. */
export interface Deciding {
  /** The share of values that must fit a first hypothesis, 0 to 1. */
  readonly share: number
  /** The share that must fit in the end (0.999). Scientific notation counts only when plain numbers alone do not reach it. */
  readonly needed: number
  /** The name speaks of a date, so `20240131` is one. */
  readonly dateNamed: boolean
}

const best = (evidence: Evidence, { needed, dateNamed }: Deciding): Candidate =>
  candidates(evidence, needed, dateNamed).reduce((left, right) => (right.fits > left.fits ? right : left))

const valuesOf = ({ values, nullWords }: Evidence): number => values - sumOf(nullWords, nullWords.keys())

/** The share of values that the best typed reading takes: near 1, the sample may have been unlucky. */
export const bestShare = (evidence: Evidence, deciding: Deciding): number => {
  const values = valuesOf(evidence)
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

/** `99.9 %`, rounded down. */
export const percent = (share: number): string => `${(Math.floor(share * 1000) / 10).toFixed(1)} %`

/** The rule for a column, from evidence. Text whenever a value proves a code, or too few values fit anything else. */
export const hypothesis = (evidence: Evidence, deciding: Deciding): Rule => {
  if (evidence.values === 0) return textRule(NO_VALUE)
  if (evidence.code !== undefined) return textRule(`${JSON.stringify(evidence.code)} is a code`)
  const { fits, rule } = best(evidence, deciding)
  if (fits === 0) return textRule("words")
  const share = fits / valuesOf(evidence)
  return share >= deciding.share
    ? withNullWords(rule, evidence)
    : textRule(share < 0.5 ? "words" : `only ${percent(share)} of the values are ${rule.type}`)
}
