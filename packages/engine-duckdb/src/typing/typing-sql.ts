/**
 * The query that casts, proves and keeps what does not fit, in one read. Selects are nested so that each expression is computed once:
 * `r` the raw text, `n` the normalised number, `f` the reading of the most frequent form, `v` the value.
 *
 * Two facts rule the shape (measured per value): a failing cast costs up to ten times a good one, so a cheap test comes first; and a list of
 * words in `IN` becomes a join run on every row, so words are compared in a CASE.
 */
import { type ColumnType, decimalOf } from "@opendatahub-sql/core"
import { identifier, listLiteral, literal } from "../database/sql.ts"
import { booleanWords, groupingSpaces, type TemporalForm } from "./evidence.ts"
import type { BooleanRule, NumberRule, Rule, TemporalRule } from "./rule.ts"

const trimmed = (raw: string): string => `trim(${raw})`

/** The engine's name for a column type. */
export const sqlType = (type: ColumnType): string =>
  type === "text" || type === "null" ? "VARCHAR" : type.toUpperCase()

/** How one column is read: the expressions of each layer. `fast` is NULL, or false, for every value that `slow` must look at. */
interface Reading {
  readonly n?: string
  readonly f?: string
  readonly v: string
}

const matches = (value: string, pattern: string): string => `regexp_full_match(${value}, ${literal(pattern)})`

const spaces = `[${groupingSpaces}]`

const numberPattern = (rule: NumberRule): string => {
  const whole = rule.leadingZeros ? "[0-9]+" : "0|[1-9][0-9]*"
  const grouped = `${rule.leadingZeros ? "[0-9]" : "[1-9]"}[0-9]{0,2}(?:${spaces}[0-9]{3})+`
  const mark = rule.mark === "." ? "[.]" : ","
  const scale = decimalOf(rule.type)?.scale
  if (scale === undefined) {
    const exponent = "(?:[eE][+-]?[0-9]+)?"
    return `[+-]?(?:(?:${grouped})(?:${mark}[0-9]*)?|(?:${whole})(?:${mark}[0-9]*)?${exponent}|${mark}[0-9]+${exponent})`
  }
  if (rule.type === "bigint") return `[+-]?(?:${grouped}|${whole})`
  const fraction = `${mark}[0-9]{0,${scale}}`
  return scale === 0
    ? `[+-]?(?:${grouped}|${whole})`
    : `[+-]?(?:(?:${grouped}|${whole})(?:${fraction})?|${mark}[0-9]{1,${scale}})`
}

const numberReading = (rule: NumberRule, r: string, n: string, f: string): Reading => {
  const type = sqlType(rule.type)
  const pattern = numberPattern(rule)
  // Outer spaces and grouping spaces go, the mark becomes a point.
  const stripped = `translate(${r}, ${literal(`,${groupingSpaces}`)}, '.')`
  const cast = `try_cast(${stripped} as ${type})`
  const finite = rule.type === "double" ? `case when isfinite(${cast}) then ${cast} end` : cast
  const slow = `when ${r} <> '' then case when ${matches(trimmed(r), pattern)} then ${finite} end`
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

const letters: Readonly<Record<string, boolean>> = { o: true, n: false, y: true, "1": true, "0": false }

const booleanReading = (rule: BooleanRule, r: string): Reading => {
  const all: Readonly<Record<string, boolean>> = { ...booleanWords, ...(rule.letters ? letters : {}) }
  const cases = (words: ReadonlyArray<string>): string =>
    words.map((word) => `when ${literal(word)} then ${String(all[word.toLowerCase()])}`).join(" ")
  const slow = `case lower(${trimmed(r)}) ${cases(Object.keys(all))} end`
  return { v: rule.spellings.length === 0 ? slow : `case ${r} ${cases(rule.spellings)} else ${slow} end` }
}

const firstDay = "date '0001-01-01'"
const day4 = "[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}|[0-9]{1,2}-[0-9]{1,2}-[0-9]{4}|[0-9]{1,2}[.][0-9]{1,2}[.][0-9]{4}"
const clock = "(?:[01]?[0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:[.][0-9]{1,9})?)?"
const clock2 = "(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:[.][0-9]{1,9})?)?"

const patterns: Readonly<Record<TemporalForm, string>> = {
  iso: "[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}|[0-9]{4}/[0-9]{1,2}/[0-9]{1,2}",
  "day-first": `${day4}|[0-9]{1,2}/[0-9]{1,2}/[0-9]{2}`,
  "month-first": day4,
  compact: "(?:19|20)[0-9]{6}",
  "iso-time": `[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}[ T]${clock}`,
  "day-first-time": `(?:${day4})[ T]${clock}`,
  "month-first-time": `(?:${day4})[ T]${clock}`,
  instant: `[0-9]{4}-[0-9]{2}-[0-9]{2}[ T]${clock2} ?(?:Z|[+-](?:0[0-9]|1[0-5])(?::?[0-5][0-9])?)`,
  clock,
}

const since = (date: string): string => `case when ${date} >= ${firstDay} then ${date} end`
const slashed = (value: string): string => `translate(${value}, '-.', '//')`
const localDay = (value: string, format: string): string => since(`try_strptime(${slashed(value)}, '${format}')::date`)
const withTime = (value: string, format: string): string => {
  const spaced = `replace(${value}, 'T', ' ')`
  return `${localDay(`split_part(${spaced}, ' ', 1)`, format)} + try_cast(split_part(${spaced}, ' ', 2) as time)`
}

/** The value of a text that is proven to have the form; NULL when the calendar does not know it. */
const reads: Readonly<Record<TemporalForm, (value: string) => string>> = {
  iso: (t) => since(`try_cast(${t} as date)`),
  "day-first": (t) =>
    `case when ${t}[-3] = '/' then try_strptime(${t}, '%d/%m/%y')::date else ${localDay(t, "%d/%m/%Y")} end`,
  "month-first": (t) => localDay(t, "%m/%d/%Y"),
  compact: (t) => `try_strptime(${t}, '%Y%m%d')::date`,
  "iso-time": (t) => `case when try_cast(${t} as timestamp) >= ${firstDay} then try_cast(${t} as timestamp) end`,
  "day-first-time": (t) => withTime(t, "%d/%m/%Y"),
  "month-first-time": (t) => withTime(t, "%m/%d/%Y"),
  instant: (t) => {
    const close = `replace(replace(replace(${t}, ' +', '+'), ' -', '-'), ' Z', 'Z')`
    const whole = `case when substr(${close}, 17, 1) = ':' then ${close} else left(${close}, 16) || ':00' || substr(${close}, 17) end`
    return `case when try_cast(${whole} as timestamptz) >= timestamptz '0001-01-01 00:00:00Z' then try_cast(${whole} as timestamptz) end`
  },
  clock: (t) => `try_cast(${t} as time)`,
}

/** Quick readings of the usual shapes: the cheap test, the reading, and the proof that the reading is exact. */
const quick = (
  shape: string | undefined,
  forms: ReadonlyArray<TemporalForm>,
  r: string,
  f: string,
): { readonly f: string; readonly proof: string } | undefined => {
  const has = (form: TemporalForm): boolean => forms.includes(form)
  const bounded = `${f} between '1000-01-01' and '9999-12-31 23:59:59'`
  if (shape === "9999-99-99" && has("iso"))
    return { f: `case when ${r} like '____-__-__' then try_cast(${r} as date) end`, proof: `${f}::varchar = ${r}` }
  if (shape === "99/99/9999" && (has("day-first") || has("month-first"))) {
    const format = has("day-first") ? "%d/%m/%Y" : "%m/%d/%Y"
    return {
      f: `case when ${r} like '__/__/____' then try_strptime(${r}, '${format}')::date end`,
      proof: `${f} between '1000-01-01' and '9999-12-31'`,
    }
  }
  if (shape === "9999-99-99 99:99:99" && has("iso-time")) {
    return {
      f: `case when ${r} like '____-__-__ __:__:__' then try_cast(${r} as timestamp) end`,
      proof: `${f}::varchar = ${r}`,
    }
  }
  if (shape === "9999-99-99T99:99:99" && has("iso-time")) {
    return {
      f: `case when ${r} like '____-__-__T__:__:__' then try_cast(${r} as timestamp) end`,
      proof: `${f}::varchar = replace(${r}, 'T', ' ')`,
    }
  }
  if (shape === "99/99/9999 99:99:99" && has("day-first-time")) {
    const pattern = `[0-9]{2}/[0-9]{2}/[0-9]{4} ${clock2}`
    return {
      f: `case when strlen(${r}) = 19 and ${matches(r, pattern)} then try_strptime(${r}, '%d/%m/%Y %H:%M:%S') end`,
      proof: bounded,
    }
  }
  return undefined
}

const temporalReading = (rule: TemporalRule, r: string, f: string): Reading => {
  const type = sqlType(rule.type)
  const t = trimmed(r)
  const forms = rule.forms.map((form) => `when ${matches(t, patterns[form])} then (${reads[form](t)})::${type}`)
  const slow = `when ${r} <> '' then case ${forms.join(" ")} end`
  const fast = quick(rule.shape, rule.forms, r, f)
  if (fast === undefined) return { v: `case ${slow} end` }
  return { f: fast.f, v: `case when ${fast.proof} then ${f}::${type} ${slow} end` }
}

const givenReading = (type: ColumnType, r: string): Reading => {
  if (type === "text") return { v: r }
  if (type === "json") return { v: `case when json_valid(${r}) then ${r}::json end` }
  if (type === "blob") return { v: `case when ${matches(r, "(?:[0-9a-fA-F]{2})*")} then unhex(${r}) end` }
  return { v: `try_cast(${r} as ${sqlType(type)})` }
}

/** The cast of a column whose every value is in the plain form of its rule. */
const plainCast = (rule: Rule, r: string): string => {
  if (rule.kind === "number") return `${rule.mark === "," ? `replace(${r}, ',', '.')` : r}::${sqlType(rule.type)}`
  if (rule.kind === "boolean")
    return `case ${r} ${rule.spellings.map((word) => `when ${literal(word)} then ${String(booleanWords[word.toLowerCase()])}`).join(" ")} end`
  if (rule.kind !== "temporal") return r
  const slashed = `try_strptime(${r}, '${rule.forms.includes("day-first") ? "%d/%m/%Y" : "%m/%d/%Y"}')::date`
  if (rule.type !== "date" || !rule.forms.some((form) => form.endsWith("-first"))) return `${r}::${sqlType(rule.type)}`
  return rule.forms.includes("iso")
    ? `case when ${r}[3] = '/' then ${slashed} else try_cast(${r} as date) end`
    : slashed
}

const readingOf = ({ rule, plain }: TypingQuery["columns"][number], index: number): Reading => {
  const [r, n, f] = [`r${index}`, `n${index}`, `f${index}`]
  if (plain === "native") return { v: r }
  if (plain === "cast") return { v: plainCast(rule, r) }
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
    /** Proven already: comes as values of its type (`native`), or as text that a cast reads. */
    readonly plain?: "native" | "cast" | undefined
  }>
  /** Columns that come as values of a type but are read as text. */
  readonly textual?: ReadonlyArray<boolean>
  /** Kept as they are, after the columns: `_row`, `_parent_row`. */
  readonly hidden: ReadonlyArray<string>
}

/** The name of the column that carries what did not fit: a list of `c` (column, from 0) and `v` (raw text), NULL for most rows. */
export const REJECTS = "_rejects"

const canMisfit = ({ rule, plain }: TypingQuery["columns"][number]): boolean =>
  plain === undefined && rule.kind !== "text" && !(rule.kind === "given" && (rule.native || rule.type === "text"))

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
