/** Encodings of one byte a character: ASCII below 0x80, a table above. */

/** Windows-1252 from 0x80 to 0x9F; the five unused bytes keep their control character, as in the WHATWG encoding standard. */
const windows1252 = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ"

/** Mac OS Roman from 0x80 to 0xFF, after Apple's own table (0xF0 is its logo, in the private area). */
const macintosh =
  "ÄÅÇÉÑÖÜáàâäãåçéèêëíìîïñóòôöõúùûü†°¢£§•¶ß®©™´¨≠ÆØ∞±≤≥¥µ∂∑∏π∫ªºΩæø¿¡¬√ƒ≈∆«»…\u00a0ÀÃÕŒœ–—“”‘’÷◊ÿŸ⁄€‹›ﬁﬂ‡·‚„‰ÂÊÁËÈÍÎÏÌÓÔ\uf8ffÒÚÛÙıˆ˜¯˘˙˚¸˝˛ˇ"

/** Code page 850 from 0x80 to 0xFF, what DOS wrote in Western Europe, after IBM's own table. */
const ibm850 =
  "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u00ad±‗¾¶§÷¸°¨·¹³²■\u00a0"

/** How an encoding differs from ISO-8859-1: characters for the bytes 0x80 to `last`. */
export interface SingleByte {
  readonly characters: string
  readonly last: number
}

/** A file taken for ISO-8859-1 is read as Windows-1252, which only adds characters where the other has control codes. */
export const singleByte = {
  "windows-1252": { characters: windows1252, last: 0x9f },
  macintosh: { characters: macintosh, last: 0xff },
  ibm850: { characters: ibm850, last: 0xff },
} satisfies Record<string, SingleByte>

/** The character of one byte. */
export const characterOf = (byte: number, { characters, last }: SingleByte): string =>
  byte < 0x80 || byte > last ? String.fromCharCode(byte) : (characters[byte - 0x80] ?? "")

/** Bytes to text. */
export const singleByteText = (bytes: Buffer, { characters, last }: SingleByte): string =>
  bytes
    .toString("latin1")
    .replaceAll(last === 0xff ? /[\u0080-\u00ff]/g : /[\u0080-\u009f]/g, (c) => characters[c.charCodeAt(0) - 0x80] ?? c)

/** The UTF-8 of each byte from 0x80, three bytes a slot, and how many of them it has. */
const utf8Of = ({ characters, last }: SingleByte): { readonly bytes: Uint8Array; readonly lengths: Uint8Array } => {
  const bytes = new Uint8Array(256 * 3)
  const lengths = new Uint8Array(256)
  for (let byte = 0x80; byte < 256; byte++) {
    const character = byte <= last ? (characters[byte - 0x80] ?? "") : String.fromCharCode(byte)
    const encoded = Buffer.from(character, "utf8")
    bytes.set(encoded, byte * 3)
    lengths[byte] = encoded.length
  }
  return { bytes, lengths }
}

/** A converter of bytes to UTF-8. It writes each chunk where the last one was: to take memory anew costs more than the conversion. */
export const singleByteToUtf8 = (encoding: SingleByte): ((bytes: Uint8Array) => Uint8Array) => {
  const { bytes: encoded, lengths } = utf8Of(encoding)
  let utf8 = new Uint8Array(0)
  return (bytes) => {
    const n = bytes.length
    if (utf8.length < n * 3) utf8 = new Uint8Array(n * 3)
    const out = utf8
    const from = new DataView(bytes.buffer, bytes.byteOffset, n)
    const to = new DataView(out.buffer)
    let written = 0
    let i = 0
    while (i < n) {
      // ASCII goes four bytes at a time.
      for (; i + 4 <= n; i += 4) {
        const four = from.getUint32(i)
        if ((four & 0x80808080) !== 0) break
        to.setUint32(written, four)
        written += 4
      }
      for (const stop = Math.min(n, i + 4); i < stop; i++) {
        const byte = bytes[i] ?? 0
        if (byte < 0x80) {
          out[written++] = byte
          continue
        }
        const slot = byte * 3
        out[written++] = encoded[slot] ?? 0
        out[written++] = encoded[slot + 1] ?? 0
        if (lengths[byte] === 3) out[written++] = encoded[slot + 2] ?? 0
      }
    }
    return out.subarray(0, written)
  }
}
