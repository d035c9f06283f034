/** Which encoding a file is in, and why: a decision on its whole content. */
import type { EncodingName } from "./encoding-name.ts"
import type { Evidence } from "./evidence.ts"
import { characterOf, singleByte, type SingleByte } from "./single-byte.ts"

/** The encoding of a file; `damagedBytes` are those of UTF-8 that decode to U+FFFD, `damagedAt` the offsets of the first. */
export interface Encoding {
  readonly name: EncodingName
  readonly why: string
  readonly damagedBytes: number
  readonly damagedAt: ReadonlyArray<number>
}

/** One damaged byte for so many valid characters is still UTF-8. Latin text read as UTF-8 has next to no valid sequence. */
const DAMAGE_RATIO = 5

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

/** Letters with accents that French text is full of; others are rare. */
const french = "éèàêçùôîâûëïœÉÈÀÊÇÔÎ"
/** Signs that stand beside its words. */
const signs = "“”‘’…–—«»°€²"

/** How well a character goes between letters, behind a small or a capital one, or, `undefined`, elsewhere. */
const fit = (character: string, behind: "small" | "capital" | undefined): number => {
  const isLetter = /\p{L}/u.test(character)
  if (behind === undefined) return french.includes(character) || signs.includes(character) ? 0.5 : isLetter ? 0 : -0.5
  if (character === "’") return 1
  if (!isLetter || (behind === "small" && character !== character.toLowerCase())) return -1
  return french.includes(character) ? 1 : 0.5
}

/** How well the bytes that are no UTF-8 read in an encoding of one byte a character. */
const plausibility = ({ high, afterSmall, afterCapital }: Evidence, encoding: SingleByte): number =>
  high.reduce((total, times, byte) => {
    if (times === 0) return total
    const character = characterOf(byte, encoding)
    const small = afterSmall[byte] ?? 0
    const capital = afterCapital[byte] ?? 0
    const rest = times - small - capital
    return (
      total + small * fit(character, "small") + capital * fit(character, "capital") + rest * fit(character, undefined)
    )
  }, 0)

const singleByteEncoding = (evidence: Evidence): { readonly name: EncodingName; readonly why: string } => {
  const latin = plausibility(evidence, singleByte["windows-1252"])
  const others = (["macintosh", "ibm850"] as const)
    .map((name) => ({ name, plausible: plausibility(evidence, singleByte[name]) }))
    .toSorted((a, b) => b.plausible - a.plausible)
  const [best] = others
  const words = evidence.afterSmall.some((n) => n > 0) || evidence.afterCapital.some((n) => n > 0)
  if (best !== undefined && best.plausible > Math.max(0, latin) && (words || best.name === "macintosh")) {
    const why = best.name === "macintosh" ? "Mac OS Roman" : "code page 850, of DOS,"
    return { name: best.name, why: `not UTF-8; as ${why} its words have letters where Latin-1 has signs` }
  }
  return sum(evidence.high, 0x80, 0x9f) > 0
    ? { name: "windows-1252", why: "not UTF-8; bytes from 80 to 9F, which ISO-8859-1 leaves to control codes" }
    : { name: "iso-8859-1", why: "not UTF-8; no byte from 80 to 9F" }
}

/** The encoding that the evidence proves; `told` wins over everything but is still checked for damage. */
export const decideEncoding = (evidence: Evidence, told?: EncodingName): Encoding => {
  const { start, sequences, damaged, damagedAt, cutOff } = evidence
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
  const { name, why } = singleByteEncoding(evidence)
  return clean(name, why)
}
