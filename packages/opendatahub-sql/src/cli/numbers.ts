/** Numbers for people. */

/** `12 345`, with narrow spaces every three digits from five digits on. */
export const countText = (value: number): string => {
  const text = String(value)
  return /^\d{5,}$/.test(text) ? text.replaceAll(/\B(?=(\d{3})+$)/g, "\u202f") : text
}

/** Bytes with a decimal unit: `3.9 MB`. */
export const bytesText = (bytes: number): string => {
  const units = ["B", "kB", "MB", "GB", "TB"]
  let value = bytes
  let unit = 0
  while (value >= 1_000 && unit < units.length - 1) {
    value /= 1_000
    unit++
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit] ?? "B"}`
}

/** `1 row`, `12 345 rows`. */
export const rowsText = (rows: number): string => `${countText(rows)} row${rows === 1 ? "" : "s"}`

/** Milliseconds in the largest unit that makes them at least one: `3 d`, `12 h`, `5 min`. */
export const durationText = (ms: number): string => {
  const units = [
    ["d", 86_400_000],
    ["h", 3_600_000],
    ["min", 60_000],
  ] as const
  const [unit, size] = units.find(([, least]) => ms >= least) ?? ["s", 1_000]
  return `${Math.round(ms / size)} ${unit}`
}

/** `2026-01-31 12:00:00Z`: an ISO instant in UTC, to the second. */
export const instantText = (instant: string): string => `${instant.slice(0, 19).replace("T", " ")}Z`
