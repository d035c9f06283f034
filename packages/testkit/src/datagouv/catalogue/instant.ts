/** Milliseconds since 1970 of an ISO date and time; a date alone means the end of that day, UTC. Throws on anything else. */
export const instantOf = (text: string): number => {
  const instant = Date.parse(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T23:59:59Z` : text)
  if (Number.isNaN(instant)) throw new Error(`"${text}" is no ISO date`)
  return instant
}

/** As the portal writes dates: `2020-03-24T19:00:00+00:00`, with six decimals only if there are any. */
export const isoOf = (instant: number): string =>
  new Date(instant)
    .toISOString()
    .replace(/\.000Z$/, "+00:00")
    .replace(/Z$/, "000+00:00")

/** The folder of an upload in the URL of a hosted file: `20200324-190000`. */
export const uploadStamp = (text: string): string =>
  new Date(instantOf(text)).toISOString().slice(0, 19).replaceAll(/[-:]/g, "").replace("T", "-")
