/** Rules for types that are given: by the configuration, or by what the column is elsewhere. Pure. */
import { type ColumnType, joinTypes } from "@opendatahub-sql/core"
import { groupingOf, markOf, numberCandidate, orderOf, temporalRule, unitCandidate } from "./candidates.ts"
import { type Evidence, noEvidence } from "./evidence.ts"
import { NO_VALUE, type Rule, textRule } from "./rule.ts"
import type { TemporalForm } from "./text/temporal-forms.ts"

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
    ? textRule(`${rule.type} here, ${type} before`)
    : ({ ...rule, type: joined, why: `${rule.why}; ${type} before` } as Rule)
}

/** The unit of numbers that are written with one more often than without. */
const mostlyIn = (evidence: Evidence): string | undefined => {
  const found = unitCandidate(evidence, 1)
  return found?.rule.kind === "number" && found.fits > numberCandidate(evidence, 1).fits ? found.rule.unit : undefined
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
      return textRule(why)
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
      const unit = mostlyIn(evidence)
      const numbers = evidence.units.get(unit ?? "") ?? evidence
      return {
        kind: "number",
        type,
        mark: markOf(numbers),
        grouping: groupingOf(numbers),
        leadingZeros: everySpelling,
        ...(unit === undefined ? {} : { unit }),
        why,
      }
    }
  }
}

/** The rule for a type the configuration asks for: every spelling of the type is taken, what remains is a misfit. */
export const pinned = (type: ColumnType, evidence: Evidence): Rule => readAs(type, evidence, true, "asked for")
