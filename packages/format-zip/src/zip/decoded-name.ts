/** The names of zip members, as their author meant them. */
import { isUtf8 } from "node:buffer"
import type { Entry } from "./entry.ts"

const UTF8_FLAG = 0x800

/** The upper halves of the code pages that names are written in without a word: MS-DOS's, in the United States and in France. */
const CP437 =
  "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0"
const CP850 =
  "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u00ad±‗¾¶§÷¸°¨·¹³²■\u00a0"

const windows1252 = new TextDecoder("windows-1252")
const dos =
  (upper: string) =>
  (raw: Buffer): string =>
    Array.from(raw, (byte) => (byte < 0x80 ? String.fromCharCode(byte) : (upper[byte - 0x80] ?? ""))).join("")

/** What French names are made of beyond ASCII: letters often, signs now and then. */
const LETTERS = /[àâäæçéèêëîïôöœùûüÿÀÂÄÆÇÉÈÊËÎÏÔÖŒÙÛÜŸ]/
const SIGNS = /[’‘“”«»–—…°€²³·º\u00a0]/

/** How much a reading looks like a name. A capital amid small letters is what a wrong code page makes. */
const plausibility = (name: string): number => {
  let sum = 0
  for (const [sign] of name.matchAll(/[^\0-\x7f]/gu)) sum += LETTERS.test(sign) ? 2 : SIGNS.test(sign) ? 1 : -2
  return sum - 2 * (name.match(/\p{Ll}\p{Lu}\p{Ll}/gu)?.length ?? 0)
}

/**
 * Decodes a member's name. The format knows two encodings: UTF-8 where a flag or an extra field says so (APPNOTE 4.4.4, 4.6.9), else code
 * page 437. Programs also write UTF-8, Windows-1252 or code page 850 without a word: of these, the reading that looks most like a French
 * name is taken, code page 437 when none does better. Backslashes become slashes.
 */
export const decodedName = ({ flags, name, unicodeName }: Entry): string => {
  const read = (): string => {
    if (unicodeName !== undefined) return unicodeName.toString("utf8")
    if ((flags & UTF8_FLAG) !== 0 || isUtf8(name)) return name.toString("utf8")
    const readings = [dos(CP437), windows1252.decode.bind(windows1252), dos(CP850)].map((decode) => decode(name))
    return readings.toSorted((a, b) => plausibility(b) - plausibility(a))[0] ?? ""
  }
  return read().replaceAll("\\", "/")
}
