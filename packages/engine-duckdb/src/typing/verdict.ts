/** What becomes of a rule after a pass over the whole file. Pure. */
import { sumOf } from "./candidates.ts"
import type { Evidence } from "./evidence.ts"
import { type Deciding, hypothesis, percent } from "./hypothesis.ts"
import { type BooleanRule, type NumberRule, type Rule, sameReading, type TemporalRule, textRule } from "./rule.ts"

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
  if (misfits.code !== undefined) return textRule(`${JSON.stringify(misfits.code)} is a code`)
  const kept = fits / (fits + misses)
  const next = hypothesis(seen, { ...deciding, share: 0 })
  if (next.kind === "text" && next.why !== "words") return next
  const gained =
    next.kind === "text" || sameReading(rule, next) || misfits.values === 0
      ? 0
      : (readable(next, misfits) / misfits.values) * misses
  const share = ((sameFamily(rule, next) ? fits : 0) + gained) / (fits + misses)
  if (gained > 0 && share >= deciding.needed && share >= kept) return next
  return kept >= deciding.needed
    ? rule
    : textRule(`only ${percent(Math.max(kept, share))} of the values are ${rule.type}`)
}
