/** The encoding of the texts of a DBF file: what the `.cpg` beside it says, else its language driver, else what the bytes are. */
import { isUtf8 } from "node:buffer"

/** From bytes to text. */
export type Decode = (bytes: Uint8Array) => string

/** Upper halves of the DOS code pages, which no decoder of the platform knows. */
const DOS: Readonly<Record<string, string>> = {
  "437":
    "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0",
  "850":
    "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u00ad±‗¾¶§÷¸°¨·¹³²■\u00a0",
}

/** Language drivers by their number (byte 29 of a DBF file), those that occur in France. */
const DRIVERS: Readonly<Record<number, string>> = {
  0x01: "437",
  0x02: "850",
  0x03: "1252",
  0x57: "1252",
  0x58: "1252",
  0x59: "1252",
  0x78: "950",
  0xc8: "1250",
}

const dos =
  (upper: string): Decode =>
  (bytes) => {
    let text = ""
    for (const byte of bytes) text += byte < 0x80 ? String.fromCharCode(byte) : (upper[byte - 0x80] ?? "")
    return text
  }

/** The decoder of a name: `1252`, `ANSI 1252`, `UTF-8`, `65001`, `ISO 88591`, `ISO-8859-15`, `CP850`, `OEM 850`… */
export const decoderOf = (name: string): { readonly encoding: string; readonly decode: Decode } | undefined => {
  const plain = name
    .trim()
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, "")
  const number = /(\d+)$/.exec(plain)?.[1] ?? ""
  const page = DOS[number]
  if (page !== undefined) return { encoding: `cp${number}`, decode: dos(page) }
  const iso = /^(?:iso)?8859(\d{1,2})$/.exec(plain)?.[1]
  const label =
    iso !== undefined
      ? `iso-8859-${iso}`
      : /^(?:ansi|windows|cp|ms)?125\d$/.test(plain)
        ? `windows-${number}`
        : /^(?:utf8|65001)$/.test(plain)
          ? "utf-8"
          : name.trim()
  try {
    const decoder = new TextDecoder(label)
    return { encoding: decoder.encoding, decode: (bytes) => decoder.decode(bytes) }
  } catch {
    return undefined
  }
}

const windows1252 = decoderOf("1252")

/** Each text by itself: UTF-8 where it is, else Windows-1252. */
const guessed: Decode = (bytes) =>
  isUtf8(bytes) ? Buffer.from(bytes).toString("utf8") : (windows1252?.decode(bytes) ?? "")

/** The decoder of a DBF file; a name in `cpg` that nobody knows counts for nothing. */
export const textDecoder = (
  cpg: string | undefined,
  driver: number,
): { readonly encoding: string; readonly decode: Decode } => {
  const byDriver = DRIVERS[driver]
  const said =
    (cpg === undefined ? undefined : decoderOf(cpg)) ?? (byDriver === undefined ? undefined : decoderOf(byDriver))
  return said ?? { encoding: "guessed", decode: guessed }
}
