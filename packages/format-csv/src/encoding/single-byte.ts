/** Encodings of one byte a character: ASCII below 0x80, a table above. */

/** Windows-1252 from 0x80 to 0x9F; the five unused bytes keep their control character, as in the WHATWG encoding standard. */
const windows1252 = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ"

/** Mac OS Roman from 0x80 to 0xFF, after Apple's own table (0xF0 is its logo, in the private area). */
const macintosh =
  "ÄÅÇÉÑÖÜáàâäãåçéèêëíìîïñóòôöõúùûü†°¢£§•¶ß®©™´¨≠ÆØ∞±≤≥¥µ∂∑∏π∫ªºΩæø¿¡¬√ƒ≈∆«»…\u00a0ÀÃÕŒœ–—“”‘’÷◊ÿŸ⁄€‹›ﬁﬂ‡·‚„‰ÂÊÁËÈÍÎÏÌÓÔ\uf8ffÒÚÛÙıˆ˜¯˘˙˚¸˝˛ˇ"

/** How an encoding differs from ISO-8859-1: characters for the bytes 0x80 to `last`. */
export interface SingleByte {
  readonly characters: string
  readonly last: number
}

/** A file taken for ISO-8859-1 is read as Windows-1252, which only adds characters where the other has control codes. */
export const singleByte = {
  "windows-1252": { characters: windows1252, last: 0x9f },
  macintosh: { characters: macintosh, last: 0xff },
} satisfies Record<string, SingleByte>

/** Bytes to text. */
export const singleByteText = (bytes: Buffer, { characters, last }: SingleByte): string =>
  bytes
    .toString("latin1")
    .replaceAll(last === 0xff ? /[\u0080-\u00ff]/g : /[\u0080-\u009f]/g, (c) => characters[c.charCodeAt(0) - 0x80] ?? c)

/** Bytes to UTF-8: what is ISO-8859-1 goes through native code in long runs, and only the rest through the table. */
export const singleByteToUtf8 = (bytes: Buffer, { characters, last }: SingleByte): Buffer => {
  const utf8 = Buffer.allocUnsafe(bytes.length * 3)
  let written = 0
  let start = 0
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] ?? 0
    if (byte < 0x80 || byte > last) continue
    if (i > start) written += utf8.write(bytes.toString("latin1", start, i), written)
    written += utf8.write(characters[byte - 0x80] ?? "", written)
    start = i + 1
  }
  if (start < bytes.length) written += utf8.write(bytes.toString("latin1", start), written)
  return utf8.subarray(0, written)
}
