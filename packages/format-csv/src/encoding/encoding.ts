/** Which encoding a file is in, and why: a decision on its whole content. */
import type { EncodingName } from "./encoding-name.ts"
import type { Evidence } from "./evidence.ts"

/** The encoding of a file; `damagedBytes` are those of UTF-8 that decode to U+FFFD, `damagedAt` the offsets of the first. */
export interface Encoding {
  readonly name: EncodingName
  readonly why: string
  readonly damagedBytes: number
  readonly damagedAt: ReadonlyArray<number>
}

/** One damaged byte for so many valid characters is still UTF-8. Latin text read as UTF-8 has next to no valid sequence. */
const DAMAGE_RATIO = 5

/** Latin letters of Mac OS Roman (É á à â ä ç é è ê ö ù û ü) where Windows-1252 has signs that French text hardly uses. */
const macLetters = [0x83, 0x87, 0x88, 0x89, 0x8a, 0x8d, 0x8e, 0x8f, 0x90, 0x9a, 0x9d, 0x9e, 0x9f]

const sum = (high: Float64Array, from: number, to: number): number =>
  high.subarray(from, to + 1).reduce((a, b) => a + b, 0)

const utf16 = (start: Buffer): EncodingName | undefined => {
  const pairs = start.length >> 1
  if (pairs < 2) return undefined
  let even = 0
  let odd = 0
  for (let i = 0; i < pairs * 2; i += 2) {
    if (start[i] === 0) even++
    if (start[i + 1] === 0) odd++
  }
  // Latin text in UTF-16 has a zero in nearly each pair, always on the same side; stray NUL bytes fall on both.
  if (odd > pairs * 0.5 && even < odd * 0.02) return "utf-16le"
  if (even > pairs * 0.5 && odd < even * 0.02) return "utf-16be"
  return undefined
}

const singleByteEncoding = (high: Float64Array): { readonly name: EncodingName; readonly why: string } => {
  const mac = macLetters.reduce((total, byte) => total + (high[byte] ?? 0), 0)
  if (mac > sum(high, 0xc0, 0xff))
    return { name: "macintosh", why: "not UTF-8; more letters of Mac OS Roman than of Latin-1" }
  return sum(high, 0x80, 0x9f) > 0
    ? { name: "windows-1252", why: "not UTF-8; bytes from 80 to 9F, which ISO-8859-1 leaves to control codes" }
    : { name: "iso-8859-1", why: "not UTF-8; no byte from 80 to 9F" }
}

/** The encoding that the evidence proves; `told` wins over everything but is still checked for damage. */
export const decideEncoding = (evidence: Evidence, told?: EncodingName): Encoding => {
  const { start, sequences, damaged, damagedAt, cutOff, high } = evidence
  const clean = (name: EncodingName, why: string): Encoding => ({ name, why, damagedBytes: 0, damagedAt: [] })
  const utf8 = (why: string): Encoding => ({ name: "utf-8", why, damagedBytes: damaged, damagedAt })
  if (told !== undefined) return told === "utf-8" ? utf8("told") : clean(told, "told")
  if (start[0] === 0xff && start[1] === 0xfe) return clean("utf-16le", "byte order mark")
  if (start[0] === 0xfe && start[1] === 0xff) return clean("utf-16be", "byte order mark")
  const wide = utf16(start)
  if (wide !== undefined) return clean(wide, "a zero byte in nearly each pair")
  if (start[0] === 0xef && start[1] === 0xbb && start[2] === 0xbf) return utf8("byte order mark")
  if (damaged === 0) return utf8(sequences === 0 ? "ASCII only" : "every byte is valid UTF-8")
  if (sequences > 0 && sequences >= (damaged - cutOff) * DAMAGE_RATIO)
    return utf8(`valid UTF-8 but for ${damaged} bytes`)
  const { name, why } = singleByteEncoding(high)
  return clean(name, why)
}
