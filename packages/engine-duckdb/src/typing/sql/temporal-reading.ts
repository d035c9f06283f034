/** Dates and times: a pattern proves the form, the engine's calendar the day. */
import { literal } from "../../database/sql.ts"
import type { TemporalRule } from "../rule.ts"
import { monthNumberSql, wordedDay } from "../text/month-names.ts"
import type { TemporalForm } from "../text/temporal-forms.ts"
import { matches, type Reading, sqlType, trimmed } from "./reading.ts"

const firstDay = "date '0001-01-01'"
const isoDay = "[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}|[0-9]{4}/[0-9]{1,2}/[0-9]{1,2}"
const day4 = "[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}|[0-9]{1,2}-[0-9]{1,2}-[0-9]{4}|[0-9]{1,2}[.][0-9]{1,2}[.][0-9]{4}"
const clock = "(?:[01]?[0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:[.][0-9]{1,9})?)?"
const clock2 = "(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:[.][0-9]{1,9})?)?"

const spokenClock = "(?:[01]?[0-9]|2[0-3])[:h][0-5][0-9](?::[0-5][0-9](?:[.][0-9]{1,9})?)?"
const halfDayClock = "(?:0?[1-9]|1[0-2]):[0-5][0-9](?::[0-5][0-9])? (?i:[AP]M)"
const shortDay = "[0-9]{1,2}/[0-9]{1,2}/[0-9]{2}"
const wordedTime = `${wordedDay}(?:,? (?:a )?)(${spokenClock})`

const patterns: Readonly<Record<TemporalForm, string>> = {
  iso: isoDay,
  "day-first": `${day4}|${shortDay}`,
  "month-first": day4,
  compact: "(?:19|20)[0-9]{6}",
  worded: wordedDay,
  "iso-time": `(?:${isoDay})[ T]${clock}`,
  "day-first-time": `(?:${day4}|${shortDay})(?:[ T]| à )${spokenClock}|(?:${day4}) ${halfDayClock}`,
  "month-first-time": `(?:${day4})(?:[ T]${clock}| ${halfDayClock})`,
  "worded-time": wordedTime,
  instant: `(?:[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{4}/[0-9]{2}/[0-9]{2})[ T]${clock2} ?(?:Z|UTC|[+-](?:0[0-9]|1[0-5])(?::?[0-5][0-9])?)`,
  clock,
}

const since = (date: string): string => `case when ${date} >= ${firstDay} then ${date} end`
const slashed = (value: string): string => `translate(${value}, '-.', '//')`
const localDay = (value: string, format: string): string => since(`try_strptime(${slashed(value)}, '${format}')::date`)
const dayFirst = (value: string): string =>
  `case when ${value}[-3] = '/' then try_strptime(${value}, '%d/%m/%y')::date else ${localDay(value, "%d/%m/%Y")} end`
const withTime = (value: string, day: (text: string) => string): string => {
  const spaced = `replace(replace(${value}, ' à ', ' '), 'T', ' ')`
  const part = (n: number): string => `split_part(${spaced}, ' ', ${n})`
  const halfDay = `try_strptime(${part(2)} || ' ' || upper(${part(3)}), ['%I:%M:%S %p', '%I:%M %p'])::time`
  return `${day(part(1))} + case when ${part(3)} = '' then try_cast(replace(${part(2)}, 'h', ':') as time) else ${halfDay} end`
}

/** For a text in lower case without accents that has the pattern. */
const wordedDate = (value: string, pattern: string): string => {
  const part = (group: number): string => `regexp_extract(${value}, ${literal(`^${pattern}$`)}, ${group})`
  const day = `replace(${part(1)}, 'er', '') || '/' || ${monthNumberSql(part(2))} || '/' || ${part(3)}`
  return `case when length(${part(3)}) = 2 then try_strptime(${day}, '%d/%m/%y')::date else ${localDay(day, "%d/%m/%Y")} end`
}

/** The value of a text that is proven to have the form; NULL when the calendar does not know it. */
const reads: Readonly<Record<TemporalForm, (value: string) => string>> = {
  iso: (t) => since(`try_cast(${t} as date)`),
  "day-first": dayFirst,
  "month-first": (t) => localDay(t, "%m/%d/%Y"),
  compact: (t) => `try_strptime(${t}, '%Y%m%d')::date`,
  "iso-time": (t) => `case when try_cast(${t} as timestamp) >= ${firstDay} then try_cast(${t} as timestamp) end`,
  "day-first-time": (t) => withTime(t, dayFirst),
  "month-first-time": (t) => withTime(t, (day) => localDay(day, "%m/%d/%Y")),
  worded: (w) => wordedDate(w, wordedDay),
  "worded-time": (w) =>
    `${wordedDate(w, wordedTime)} + try_cast(replace(regexp_extract(${w}, ${literal(`^${wordedTime}$`)}, 4), 'h', ':') as time)`,
  instant: (t) => {
    const close = `replace(replace(replace(replace(${t}, 'UTC', 'Z'), ' +', '+'), ' -', '-'), ' Z', 'Z')`
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

export const temporalReading = (rule: TemporalRule, r: string, f: string): Reading => {
  const type = sqlType(rule.type)
  const t = trimmed(r)
  const forms = rule.forms.map((form) => {
    const value = form.startsWith("worded") ? `lower(strip_accents(${t}))` : t
    return `when ${matches(value, patterns[form])} then (${reads[form](value)})::${type}`
  })
  const slow = `when ${r} <> '' then case ${forms.join(" ")} end`
  const fast = quick(rule.shape, rule.forms, r, f)
  if (fast === undefined) return { v: `case ${slow} end` }
  return { f: fast.f, v: `case when ${fast.proof} then ${f}::${type} ${slow} end` }
}
