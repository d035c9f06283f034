/**
 * The query that casts, proves and keeps what does not fit, in one read. Selects are nested so that each expression is computed once:
 * `r` the raw text, `n` the normalised number, `f` the reading of the most frequent form, `v` the value.
 *
 * Two facts rule the shape (measured per value): a failing cast costs up to ten times a good one, so a cheap test comes first; and a list of
 * words in `IN` becomes a join run on every row, so words are compared in a CASE.
 */
import type { ColumnType } from "@opendatahub-sql/core"
import { identifier, listLiteral, literal } from "../database/sql.ts"
import type { BooleanRule, Rule } from "./rule.ts"
import { numberReading } from "./sql/number-reading.ts"
import { matches, type Reading, sqlType, trimmed } from "./sql/reading.ts"
import { temporalReading } from "./sql/temporal-reading.ts"
import { booleanValue, booleanWords } from "./text/boolean-words.ts"

const booleanReading = (rule: BooleanRule, r: string): Reading => {
  const cases = (words: ReadonlyArray<string>): string =>
    words.map((word) => `when ${literal(word)} then ${String(booleanValue(word))}`).join(" ")
  const letters = rule.letters.flatMap((letter) => ("ony".includes(letter) ? [letter, letter.toUpperCase()] : [letter]))
  const others = letters.length === 0 ? "" : `else case ${trimmed(r)} ${cases(letters)} end `
  const slow = `case lower(${trimmed(r)}) ${cases(booleanWords)} ${others}end`
  return { v: rule.spellings.length === 0 ? slow : `case ${r} ${cases(rule.spellings)} else ${slow} end` }
}

const givenReading = (type: ColumnType, r: string): Reading => {
  if (type === "text") return { v: r }
  if (type === "json") return { v: `case when json_valid(${r}) then ${r}::json end` }
  if (type === "blob") return { v: `case when ${matches(r, "(?:[0-9a-fA-F]{2})*")} then unhex(${r}) end` }
  return { v: `try_cast(${r} as ${sqlType(type)})` }
}

/** The cast of a column whose every value is in the plain form of its rule; one that may fail gives NULL. */
const plainCast = (rule: Rule, r: string, mayFail: boolean): string => {
  const cast = (value: string): string =>
    mayFail ? `try_cast(${value} as ${sqlType(rule.type)})` : `${value}::${sqlType(rule.type)}`
  if (rule.kind === "number") return cast(rule.mark === "," ? `replace(${r}, ',', '.')` : r)
  if (rule.kind === "boolean")
    return `case ${r} ${rule.spellings.map((word) => `when ${literal(word)} then ${String(booleanValue(word))}`).join(" ")} end`
  if (rule.kind !== "temporal") return r
  const slashed = `try_strptime(${r}, '${rule.forms.includes("day-first") ? "%d/%m/%Y" : "%m/%d/%Y"}')::date`
  if (rule.type !== "date" || !rule.forms.some((form) => form.endsWith("-first"))) return cast(r)
  return rule.forms.includes("iso")
    ? `case when ${r}[3] = '/' then ${slashed} else try_cast(${r} as date) end`
    : slashed
}

const readingOf = ({ rule, plain }: TypingQuery["columns"][number], index: number): Reading => {
  const [r, n, f] = [`r${index}`, `n${index}`, `f${index}`]
  if (plain === "native") return { v: r }
  if (plain !== undefined) return { v: plainCast(rule, r, plain === "tried") }
  switch (rule.kind) {
    case "text":
      return { v: r }
    case "given":
      return rule.native ? { v: `${r}::${sqlType(rule.type)}` } : givenReading(rule.type, r)
    case "boolean":
      return booleanReading(rule, r)
    case "number":
      return numberReading(rule, r, n, f)
    case "temporal":
      return temporalReading(rule, r, f)
  }
}

/** What is typed: a query, and how each of its columns is read. */
export interface TypingQuery {
  /** Yields the columns in order, then the columns of `hidden`; names do not matter. */
  readonly source: string
  readonly columns: ReadonlyArray<{
    readonly name: string
    readonly rule: Rule
    /** Proven already: comes as values of its type (`native`), or as text that a cast reads; `tried`: but for some values. */
    readonly plain?: "native" | "cast" | "tried" | undefined
  }>
  /** Columns that come as values of a type but are read as text. */
  readonly textual?: ReadonlyArray<boolean>
  /** Kept as they are, after the columns: `_row`, `_parent_row`. */
  readonly hidden: ReadonlyArray<string>
}

/** The name of the column that carries what did not fit: a list of `c` (column, from 0) and `v` (raw text), NULL for most rows. */
export const REJECTS = "_rejects"

const canMisfit = ({ rule, plain }: TypingQuery["columns"][number]): boolean =>
  (plain === undefined || plain === "tried") &&
  rule.kind !== "text" &&
  !(rule.kind === "given" && (rule.native || rule.type === "text"))

/** Whether the query yields a {@link REJECTS} column. */
export const keepsRejects = (columns: TypingQuery["columns"]): boolean => columns.some(canMisfit)

/** The typing query: the columns under their names, the hidden ones, then {@link REJECTS} when a column can have misfits. */
export const typingQuery = ({ source, columns, textual = [], hidden }: TypingQuery): string => {
  const readings = columns.map(readingOf)
  const layer = (inner: string, kind: "n" | "f"): string => {
    const added = readings.flatMap((reading, index) =>
      reading[kind] === undefined ? [] : [`${reading[kind]} as ${kind}${index}`],
    )
    return added.length === 0 ? inner : `select *, ${added.join(", ")} from (${inner})`
  }
  const names = [...columns.map((_, index) => `r${index}`), ...hidden.map((_, index) => `h${index}`)]
  const printed = columns.flatMap((_, index) => (textual[index] === true ? [`r${index}::varchar as r${index}`] : []))
  const raw = `select *${printed.length === 0 ? "" : ` replace (${printed.join(", ")})`} from (${source}) as t(${names.join(", ")})`
  const values = columns.flatMap(({ rule }, index) => [
    `r${index}`,
    ...(rule.kind === "text" ? [] : [`${readings[index]?.v ?? ""} as v${index}`]),
  ])
  const valued = `select ${[...values, ...hidden.map((_, index) => `h${index}`)].join(", ")} from (${layer(layer(raw, "n"), "f")})`
  const typed = columns.flatMap((column, index) => (canMisfit(column) ? [index] : []))
  const isValue = (i: number): string => {
    const rule = columns[i]?.rule
    const words = rule !== undefined && "nullWords" in rule ? (rule.nullWords ?? []) : []
    return words.length === 0 ? `trim(r${i}) <> ''` : `not list_contains(${listLiteral(["", ...words])}, trim(r${i}))`
  }
  const rejects =
    typed.length === 0
      ? []
      : [
          `case when ${typed.map((i) => `(v${i} is null and r${i} <> '')`).join(" or ")} then nullif(list_filter([${typed
            .map((i) => `case when v${i} is null and r${i} <> '' and ${isValue(i)} then {'c': ${i}, 'v': r${i}} end`)
            .join(", ")}], lambda x: x is not null), []) end as ${REJECTS}`,
        ]
  return `select ${[
    ...columns.map(({ name, rule }, index) => `${rule.kind === "text" ? "r" : "v"}${index} as ${identifier(name)}`),
    ...hidden.map((name, index) => `h${index} as ${identifier(name)}`),
    ...rejects,
  ].join(", ")} from (${valued})`
}
