/**
 * Reads texts the slow, obvious way: split, compare, count. Written from the rules in the README, sharing nothing with the engine's patterns.
 * Gives the canonical text of the value, `null` when the text is no such value.
 */
const isDigits = (text: string): boolean => text.length > 0 && text.split("").every((c) => c >= "0" && c <= "9")

const trim = (text: string): string => {
  const isSpace = (c: string | undefined): boolean => c !== undefined && /\p{Zs}/u.test(c)
  const all = Array.from(text)
  while (isSpace(all[0])) all.shift()
  while (isSpace(all.at(-1))) all.pop()
  return all.join("")
}

/** `1 234 567` without its spaces; `undefined` when the groups are not of three. */
const ungrouped = (whole: string): string | undefined => {
  const groups = whole.split(/[ \u00a0\u202f\u2009\u2007]/)
  if (groups.length === 1) return isDigits(whole) ? whole : undefined
  const [first = "", ...rest] = groups
  return isDigits(first) && first.length <= 3 && rest.every((group) => group.length === 3 && isDigits(group))
    ? groups.join("")
    : undefined
}

const number = (raw: string, mark: "," | ".", scale: number): string | null => {
  let text = trim(raw)
  let sign = ""
  if (/^[+\u2212-]/.test(text)) {
    if (!text.startsWith("+")) sign = "-"
    text = text.slice(1)
  }
  const parts = text.split(mark)
  if (parts.length > 2) return null
  const [wholeText = "", fraction] = parts
  if (wholeText === "" && (fraction === undefined || fraction === "")) return null
  const whole = wholeText === "" ? "0" : ungrouped(wholeText)
  if (whole === undefined || (whole.length > 1 && whole.startsWith("0"))) return null
  if (fraction !== undefined && (scale === 0 || (fraction !== "" && !isDigits(fraction)) || fraction.length > scale))
    return null
  const digits = (fraction ?? "").padEnd(scale, "0")
  const isZero = BigInt(whole + digits) === 0n
  return `${isZero ? "" : sign}${whole}${scale === 0 ? "" : `.${digits}`}`
}

export const bigint = (raw: string): string | null => {
  const text = number(raw, ".", 0)
  return text === null || BigInt.asIntN(64, BigInt(text)) !== BigInt(text) ? null : text
}

export const decimal = (raw: string, mark: "," | ".", precision: number, scale: number): string | null => {
  const text = number(raw, mark, scale)
  return text === null || text.replace("-", "").replace(".", "").replace(/^0+/, "").length > precision ? null : text
}

export const boolean = (raw: string): string | null => {
  const text = trim(raw).toLowerCase()
  return ["oui", "vrai", "true", "yes"].includes(text)
    ? "true"
    : ["non", "faux", "false", "no"].includes(text)
      ? "false"
      : null
}

const day = (year: number, month: number, date: number): string | null => {
  const at = new Date(0)
  at.setUTCFullYear(year, month - 1, date)
  if (year < 1 || at.getUTCFullYear() !== year || at.getUTCMonth() !== month - 1 || at.getUTCDate() !== date)
    return null
  return at.toISOString().slice(0, 10)
}

const numbers = (
  parts: ReadonlyArray<string>,
  lengths: ReadonlyArray<readonly [number, number]>,
): ReadonlyArray<number> | undefined =>
  parts.length === lengths.length &&
  parts.every(
    (part, i) => isDigits(part) && part.length >= (lengths[i]?.[0] ?? 0) && part.length <= (lengths[i]?.[1] ?? 0),
  )
    ? parts.map(Number)
    : undefined

export const isoDate = (raw: string): string | null => {
  const text = trim(raw)
  for (const separator of ["-", "/"]) {
    const found = numbers(text.split(separator), [
      [4, 4],
      [1, 2],
      [1, 2],
    ])
    if (found !== undefined) return day(found[0] ?? 0, found[1] ?? 0, found[2] ?? 0)
  }
  return null
}

export const localDate = (raw: string, order: "day-first" | "month-first"): string | null => {
  const text = trim(raw)
  for (const separator of ["/", "-", "."]) {
    const found = numbers(text.split(separator), [
      [1, 2],
      [1, 2],
      [4, 4],
    ])
    if (found !== undefined) {
      const [a = 0, b = 0, year = 0] = found
      return order === "day-first" ? day(year, b, a) : day(year, a, b)
    }
  }
  const short =
    order === "day-first"
      ? numbers(text.split("/"), [
          [1, 2],
          [1, 2],
          [2, 2],
        ])
      : undefined
  if (short === undefined) return null
  const [a = 0, b = 0, year = 0] = short
  return day(year <= 68 ? 2000 + year : 1900 + year, b, a)
}

/** `hh:mm[:ss[.f]]` with microseconds, the rest cut off. */
export const clock = (raw: string, hourDigits: readonly [number, number] = [1, 2]): string | null => {
  const [main = "", fraction, ...others] = trim(raw).split(".")
  if (others.length > 0) return null
  const parts = main.split(":")
  const found = numbers(parts, parts.length === 2 ? [hourDigits, [2, 2]] : [hourDigits, [2, 2], [2, 2]])
  if (
    found === undefined ||
    (fraction !== undefined && (parts.length !== 3 || !isDigits(fraction) || fraction.length > 9))
  )
    return null
  const [hour = 0, minute = 0, second = 0] = found
  if (hour > 23 || minute > 59 || second > 59) return null
  const micros = (fraction ?? "").slice(0, 6).replace(/0+$/, "")
  return `${[hour, minute, second].map((n) => String(n).padStart(2, "0")).join(":")}${micros === "" ? "" : `.${micros}`}`
}

const split = (text: string): readonly [string, string] | undefined => {
  const at = text.split("").findIndex((c) => c === " " || c === "T")
  return at === -1 ? undefined : [text.slice(0, at), text.slice(at + 1)]
}

export const timestamp = (
  raw: string,
  date: (text: string) => string | null,
  isDate: (text: string) => boolean,
): string | null => {
  const parts = split(trim(raw))
  if (parts === undefined || !isDate(parts[0]) || parts[1] !== trim(parts[1])) return null
  const found = date(parts[0])
  const time = clock(parts[1])
  return found === null || time === null ? null : `${found}T${time}`
}

/** `1/31/2024 10:00:00 PM`: from 1 to 12. */
const halfDay = (text: string): string | null => {
  const half = text.slice(-3).toLowerCase()
  const [hour = "", ...rest] = text.slice(0, -3).split(":")
  if (
    (half !== " am" && half !== " pm") ||
    Number(hour) < 1 ||
    Number(hour) > 12 ||
    text.includes(".") ||
    text.at(-4) === " "
  )
    return null
  const moved = (Number(hour) % 12) + (half === " pm" ? 12 : 0)
  return isDigits(hour) && hour.length <= 2 ? clock([String(moved), ...rest].join(":")) : null
}

export const localTimestamp = (raw: string, order: "day-first" | "month-first"): string | null => {
  const parts = split(trim(raw))
  if (parts === undefined || !/\d{4}$/.test(parts[0]) || parts[1] !== trim(parts[1])) return null
  const date = localDate(parts[0], order)
  const time = clock(parts[1]) ?? (trim(raw).includes("T") ? null : halfDay(parts[1]))
  return date === null || time === null ? null : `${date}T${time}`
}

/** `31/01/2024 à 10h30` too; the hour may be spelled with `h`. */
export const frenchTimestamp = (raw: string): string | null => {
  const plain = localTimestamp(raw, "day-first")
  if (plain !== null) return plain
  const text = trim(raw)
  const [day = "", time = "", ...others] = text.includes(" à ") ? text.split(" à ") : (split(text) ?? [])
  const [hour = "", minute = "", ...more] = time.split("h")
  const date = localDate(day, "day-first")
  const found = more.length > 0 || hour !== trim(hour) ? null : clock(minute === "" ? hour : `${hour}:${minute}`)
  const isDay = day === trim(day) && others.length === 0 && !time.endsWith("h")
  return isDay && date !== null && found !== null ? `${date}T${found}` : null
}

const monthNames = [
  "janvier january janv jan",
  "fevrier february fevr fev feb",
  "mars march mar",
  "avril april avr apr",
  "mai may",
  "juin june jun",
  "juillet july juil jul",
  "aout august aou aug",
  "septembre september sept sep",
  "octobre october oct",
  "novembre november nov",
  "decembre december dec",
].map((names) => names.split(" "))
const weekdayNames = "lundi mardi mercredi jeudi vendredi samedi dimanche".split(" ")

/** `lundi 3 août 2020`, `le 1er févr. 2019`, `12-JAN-20`: word by word. */
export const wordedDate = (raw: string): string | null => {
  const plain = trim(raw).normalize("NFD").replaceAll(/\p{M}/gu, "").toLowerCase()
  let words = plain.split(" ")
  const weekday = (words[0] ?? "").replace(/[.,]$/, "")
  if (words.length > 1 && weekdayNames.some((name) => name === weekday || name.slice(0, 3) === weekday))
    words = words.slice(1)
  if (words.length > 1 && words[0] === "le") words = words.slice(1)
  const parts = words.join(" ").split(/[ \u00a0\u202f/-]/)
  const [day = "", month = "", year = ""] = parts
  if (parts.length !== 3) return null
  const number = monthNames.findIndex((names) => names.includes(month.replace(/[.]$/, ""))) + 1
  const date = day === "1er" || day === "01er" ? "1" : day
  if (number === 0 || !isDigits(date) || date.length > 2 || !isDigits(year)) return null
  return localDate(`${date}/${number}/${year}`, "day-first")
}

/** A number behind one of these spellings of a unit, in any case, or in front of a currency. */
export const measured =
  (spellings: ReadonlyArray<string>, isCurrency: boolean, read: (text: string) => string | null) =>
  (raw: string): string | null => {
    const text = trim(raw)
    for (const spelling of spellings) {
      const unit = spelling.toLowerCase()
      if (text.toLowerCase().endsWith(unit)) {
        const found = read(text.slice(0, text.length - unit.length))
        if (
          found !== null &&
          trim(text.slice(0, -unit.length)).length > 0 &&
          text.slice(0, -unit.length).search(/\S/u) === 0
        )
          return found
      }
      if (isCurrency && text.toLowerCase().startsWith(unit)) {
        const found = read(text.slice(unit.length))
        if (found !== null) return found
      }
    }
    return null
  }

/** As an instant in UTC. */
export const instant = (raw: string): string | null => {
  const text = trim(raw).replace(/UTC$/, "Z")
  if (text.length < 17 || (text[10] !== "T" && text[10] !== " ")) return null
  const date =
    (text[4] === "-" || text[4] === "/") &&
    text
      .slice(0, 10)
      .split(text[4])
      .every((part) => part.length >= 2)
      ? isoDate(text.slice(0, 10))
      : null
  const rest = text.slice(11)
  const at = rest.split("").findIndex((c) => c === "Z" || c === "+" || c === "-")
  if (date === null || at === -1) return null
  const time = clock(rest.slice(0, at).replace(/ $/, ""), [2, 2])
  const zone = rest.slice(at)
  if (time === null || rest.slice(0, at).endsWith("  ")) return null
  let minutes = 0
  if (zone !== "Z") {
    const digits = zone.slice(1).replace(":", "")
    if (
      !isDigits(digits) ||
      ![2, 4].includes(digits.length) ||
      zone.endsWith(":") ||
      (zone.includes(":") && zone[3] !== ":")
    )
      return null
    const [hour, minute] = [Number(digits.slice(0, 2)), Number(digits.slice(2) || "0")]
    if (hour > 15 || minute > 59) return null
    minutes = (zone.startsWith("-") ? -1 : 1) * (hour * 60 + minute)
  }
  const [whole = "", fraction] = time.split(".")
  const moved = new Date(`${date}T${whole}Z`)
  moved.setUTCMinutes(moved.getUTCMinutes() - minutes)
  if (moved.getUTCFullYear() < 1) return null
  return `${moved.toISOString().slice(0, 19)}${fraction === undefined ? "" : `.${fraction}`}Z`
}
