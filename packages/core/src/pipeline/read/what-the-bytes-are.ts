/** A few words on bytes that no format took: the message that saves the user from opening the file. */

const UNPACK = "unpack it, or ask the publisher for a zip"

/** What files begin with, in Latin-1. */
const MAGIC: ReadonlyArray<readonly [string, string]> = [
  ["%PDF", "a PDF document"],
  ["PK", "a zip archive (perhaps a workbook)"],
  ["\u001f\u008b", "gzip"],
  ["BZh", "bzip2"],
  ["(\u00b5/\u00fd", "zstd"],
  ["\u00d0\u00cf\u0011\u00e0", "an old Office document (xls, doc)"],
  ["7z\u00bc\u00af\u0027\u001c", "a 7z archive: ask the publisher for a zip"],
  ["Rar!", "a rar archive: ask the publisher for a zip"],
  ["\u00fd7zXZ", `xz: ${UNPACK} (\`xz -d\`)`],
  ["LZIP", `lzip: ${UNPACK} (\`lzip -d\`)`],
  ["\u0004\u0022M\u0018", `lz4: ${UNPACK} (\`lz4 -d\`)`],
  ["\u001f\u009d", `an old compressed file (.Z): ${UNPACK} (\`gzip -d\`)`],
  ["MSCF", `a cabinet (.cab): ${UNPACK}`],
]
const TAR_AT = 257

const beginning = (head: Uint8Array): string =>
  new TextDecoder("latin1")
    .decode(head.subarray(0, 2_048))
    .replace(/^\u00ef\u00bb\u00bf/, "")
    .trimStart()
    .toLowerCase()

/** Whether the first bytes are those of a page for people: what servers answer in place of a file that they do not have. */
export const isHtml = (head: Uint8Array): boolean => {
  const text = beginning(head)
  return text.startsWith("<!doctype html") || text.startsWith("<html") || /<head[\s>]|<body[\s>]/.test(text)
}

/** What the first bytes show: an empty file, an HTML page served in place of the file, a PDF… */
export const whatTheBytesAre = (head: Uint8Array): string => {
  if (head.length === 0) return "the file is empty"
  const begins = (magic: string, at = 0): boolean =>
    Buffer.from(head.subarray(at, at + magic.length)).toString("latin1") === magic
  const known = MAGIC.find(([magic]) => begins(magic))?.[1] ?? (begins("ustar", TAR_AT) ? "a tar archive" : undefined)
  if (known !== undefined) return `the bytes are ${known}`
  const text = beginning(head)
  if (isHtml(head)) {
    return "the bytes are an HTML page, not the file (an error or sign-in page of the server)"
  }
  if (text.startsWith("<?xml") || text.startsWith("<")) return "the bytes are XML"
  if (text === "") return "the file holds only blanks"
  return "the bytes are not recognised"
}
