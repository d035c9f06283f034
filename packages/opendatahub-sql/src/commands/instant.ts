import { UsageError } from "../cli/usage-error.ts"

const form = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?Z?)?$/

/** An instant (UTC) from a date or a time; a date alone means its end, so that what was extracted that day counts. */
export const instantOf = (text: string, option: string): string => {
  const at = form.test(text)
    ? Date.parse(text.length === 10 ? `${text}T23:59:59.999Z` : `${text.replace(" ", "T").replace(/Z$/, "")}Z`)
    : Number.NaN
  if (Number.isNaN(at))
    throw new UsageError(`${option} "${text}" is not a date: write 2026-01-31 or 2026-01-31T12:00:00Z`)
  return new Date(at).toISOString()
}
