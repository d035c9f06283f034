/**
 * Columns whose every value is written in the plain form of their type, as a pass over the bytes found: the engine reads them as that type
 * itself, or by a cast, and no value needs a proof of its own. Where the few others are known, a cast that may fail is tried. Pure.
 */
import { decimalOf, type PlainForm, type PlainReading, type PlainValues } from "@opendatahub-sql/core"
import type { Rule, TemporalRule } from "../typing/rule.ts"
import { sqlType } from "../typing/sql/reading.ts"

/**
 * How a column in plain form is read: as its type by the format's own query, or from text by a cast; `tried`: from text by a cast that may fail,
 * if it reads the others as they should be (see `tried-columns.ts`).
 */
export type PlainColumn = "native" | "cast" | "tried"

/** What the format's query is asked for, and the columns that come so; `undefined`: the column needs a proof. */
export interface PlainColumns {
  readonly reading: PlainReading
  readonly columns: ReadonlyArray<PlainColumn | undefined>
}

type Order = PlainReading["order"]

const dateForm = (rule: TemporalRule): PlainForm | undefined => {
  const orders = rule.forms.filter(
    (form): form is Order => form === "iso" || form === "day-first" || form === "month-first",
  )
  return orders.length === 0 ? undefined : { kind: "date", orders }
}

/** The plain form of what a rule reads, if it has one. */
export const plainForm = (rule: Rule): PlainForm | undefined => {
  if (rule.kind === "text" || rule.kind === "given" || (rule.nullWords ?? []).length > 0) return undefined
  if (rule.kind === "number")
    return rule.type === "double" || rule.grouping !== undefined || rule.unit !== undefined
      ? undefined
      : { kind: "number", mark: rule.mark }
  if (rule.kind === "boolean") {
    const words = rule.spellings.filter((word) => /^[A-Za-z]+$/.test(word))
    return words.length === 0 ? undefined : { kind: "words", words }
  }
  if (rule.type === "date") return dateForm(rule)
  const separator = { "9999-99-99T99:99:99": "T", "9999-99-99 99:99:99": " " } as const
  const form = separator[(rule.shape ?? "") as keyof typeof separator]
  return rule.type !== "timestamp" || form === undefined || !rule.forms.includes("iso-time")
    ? undefined
    : { kind: "timestamp", separator: form }
}

const isPlain = (
  rule: Rule,
  form: PlainForm | undefined,
  found: PlainValues["columns"][number] | undefined,
): boolean => {
  if (form === undefined || found === undefined || !found.complete) return false
  if (rule.kind !== "number") return true
  const { precision, scale } = decimalOf(rule.type) ?? { precision: 18, scale: 0 }
  return found.scale <= scale && found.digits + scale <= precision
}

const same = (left: PlainForm | undefined, right: PlainForm | undefined): boolean =>
  JSON.stringify(left) === JSON.stringify(right)

const mostFrequent = <A>(values: ReadonlyArray<A>, otherwise: A): A => {
  const count = (value: A): number => values.filter((other) => other === value).length
  return values.reduce((best, value) => (count(value) > count(best) ? value : best), values[0] ?? otherwise)
}

/** Which columns are plain, given the forms that were looked for and what was found. One mark and one order are read natively. */
export const plainColumns = (
  rules: ReadonlyArray<Rule>,
  looked: ReadonlyArray<PlainForm | undefined>,
  { columns: found }: PlainValues,
): PlainColumns => {
  const forms = rules.map((rule, index) => {
    const form = plainForm(rule)
    return same(form, looked[index]) && isPlain(rule, form, found[index]) ? form : undefined
  })
  const mark = mostFrequent(
    forms.flatMap((form, index) =>
      form?.kind === "number" && found[index]?.others === 0 && found[index].scale > 0 ? [form.mark] : [],
    ),
    ".",
  )
  const order = mostFrequent(
    forms.flatMap((form) => (form?.kind === "date" && form.orders.length === 1 ? form.orders : [])),
    "iso",
  )
  const columns = forms.map((form, index): PlainColumn | undefined => {
    if (form !== undefined && found[index]?.others !== 0) return "tried"
    switch (form?.kind) {
      case undefined:
        return undefined
      case "number":
        return form.mark === mark || found[index]?.scale === 0 ? "native" : "cast"
      case "date":
        return form.orders.length === 1 && form.orders[0] === order ? "native" : "cast"
      case "timestamp":
        return "native"
      case "words":
        return "cast"
    }
  })
  const types = rules.map((rule, index) => (columns[index] === "native" ? sqlType(rule.type) : undefined))
  return { reading: { types, mark, order }, columns }
}
