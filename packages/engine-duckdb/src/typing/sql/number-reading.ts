/** Numbers: proven exact by printing the cast value back, or by a pattern. */
import { decimalOf } from "@opendatahub-sql/core"
import { literal } from "../../database/sql.ts"
import { groupingSpaces } from "../evidence.ts"
import type { NumberRule } from "../rule.ts"
import { unitPattern } from "../text/units.ts"
import { matches, type Reading, sqlType, trimmed } from "./reading.ts"

const spaces = `[${groupingSpaces}]`

const numberPattern = (rule: NumberRule): string => {
  const whole = rule.leadingZeros ? "[0-9]+" : "0|[1-9][0-9]*"
  const grouped = `${rule.leadingZeros ? "[0-9]" : "[1-9]"}[0-9]{0,2}(?:${spaces}[0-9]{3})+`
  const mark = rule.mark === "." ? "[.]" : ","
  const scale = decimalOf(rule.type)?.scale
  if (scale === undefined) {
    const exponent = "(?:[eE][+-]?[0-9]+)?"
    return `[+\u2212-]?(?:(?:${grouped})(?:${mark}[0-9]*)?|(?:${whole})(?:${mark}[0-9]*)?${exponent}|${mark}[0-9]+${exponent})`
  }
  if (rule.type === "bigint") return `[+\u2212-]?(?:${grouped}|${whole})`
  const fraction = `${mark}[0-9]{0,${scale}}`
  return scale === 0
    ? `[+\u2212-]?(?:${grouped}|${whole})`
    : `[+\u2212-]?(?:(?:${grouped}|${whole})(?:${fraction})?|${mark}[0-9]{1,${scale}})`
}

/** Outer spaces and grouping spaces go, the mark becomes a point, the minus of typographers a plain one. */
const stripped = (value: string): string => `translate(${value}, ${literal(`,\u2212${groupingSpaces}`)}, '.-')`

const castTo = (value: string, { type }: NumberRule): string => {
  const cast = `try_cast(${value} as ${sqlType(type)})`
  return type === "double" ? `case when isfinite(${cast}) then ${cast} end` : cast
}

/** A unit behind the number, or a currency before it: rare, so no value is read in a faster way. */
const measureReading = (rule: NumberRule, unit: string, r: string): Reading => {
  const { pattern, before } = unitPattern(unit)
  const number = `(?:${numberPattern(rule)})`
  const [ahead, behind] = [`${pattern}\\p{Zs}*`, `\\p{Zs}*${pattern}`]
  const whole = before ? `${ahead}${number}|${number}${behind}` : `${number}${behind}`
  const bare = `regexp_replace(${trimmed(r)}, ${literal(`^${ahead}|${behind}$`)}, '')`
  return { v: `case when ${matches(trimmed(r), whole)} then ${castTo(stripped(bare), rule)} end` }
}

export const numberReading = (rule: NumberRule, r: string, n: string, f: string): Reading => {
  if (rule.unit !== undefined) return measureReading(rule, rule.unit, r)
  const type = sqlType(rule.type)
  const pattern = numberPattern(rule)
  const slow = `when ${r} <> '' then case when ${matches(trimmed(r), pattern)} then ${castTo(stripped(r), rule)} end`
  const comma = rule.mark === "," && rule.type !== "bigint"
  const swapped = comma ? `replace(${r}, ',', '.')` : r
  const normalised = rule.grouping === undefined ? swapped : `replace(${swapped}, ${literal(rule.grouping)}, '')`
  const clean = normalised === r ? r : n
  const precision = decimalOf(rule.type)?.precision ?? Infinity
  const exact =
    rule.type === "bigint"
      ? `${f}::varchar = ${clean}`
      : precision <= 18
        ? `starts_with(${f}::varchar, ${clean})`
        : undefined
  // Wider decimals print ten times slower than a pattern proves them.
  if (exact === undefined) return { v: `case ${slow} end` }
  const proofs = [
    exact,
    // Only a value without a comma can have a point in its place and still cast.
    ...(comma ? [`(${clean} <> ${r} or not contains(${r}, '.'))`] : []),
    ...(rule.grouping === undefined ? [] : [`(${clean} = ${swapped} or ${matches(trimmed(r), pattern)})`]),
  ]
  return {
    ...(normalised === r ? {} : { n: normalised }),
    f: `try_cast(${clean} as ${type})`,
    v: `case when ${proofs.join(" and ")} then ${f} ${slow} end`,
  }
}
