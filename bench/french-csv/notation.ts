/** How numbers and instants are written, in the file and in the oracle. Days and seconds count from 2015-01-01. */

const epoch = Date.UTC(2015, 0, 1)
const isoDays = Array.from({ length: 4000 }, (_, day) => new Date(epoch + day * 86_400_000).toISOString().slice(0, 10))
const publishedDays = isoDays.map((iso) => iso.split("-").toReversed().join("/"))
const times = Array.from({ length: 86_400 }, (_, second) => new Date(second * 1000).toISOString().slice(11, 19))

/** 2023-05-31. */
export const dayAsIso = (day: number): string => isoDays[day] ?? ""

/** 31/05/2023. */
export const dayAsPublished = (day: number): string => publishedDays[day] ?? ""

/** 2023-05-31T14:07:09. */
export const secondAsIso = (second: number): string =>
  `${isoDays[Math.floor(second / 86_400)]}T${times[second % 86_400]}`

/** A whole number of hundredths (scale 2) or millionths (6) with its decimal mark: 123456 is 1234,56. */
export const amount = (value: number | bigint, scale: number, mark: "," | "."): string => {
  const digits = String(value < 0 ? -value : value).padStart(scale + 1, "0")
  return `${value < 0 ? "-" : ""}${digits.slice(0, -scale)}${mark}${digits.slice(-scale)}`
}

/** The same without zeros at the end, and without a mark that nothing follows: 12,5 and 100. */
export const trimmedAmount = (value: number, scale: number, mark: "," | "."): string => {
  const full = amount(value, scale, mark)
  let end = full.length
  while (full[end - 1] === "0" && end > full.length - scale) end--
  return full.slice(0, full[end - 1] === mark ? end - 1 : end)
}
