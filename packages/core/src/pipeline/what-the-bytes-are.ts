/** A few words on bytes that no format took: the message that saves the user from opening the file. */

const startsWith = (head: Uint8Array, ...bytes: ReadonlyArray<number>): boolean =>
  bytes.every((byte, index) => head[index] === byte)

/** What the first bytes show: an empty file, an HTML page served in place of the file, a PDF… */
export const whatTheBytesAre = (head: Uint8Array): string => {
  if (head.length === 0) return "the file is empty"
  if (startsWith(head, 0x25, 0x50, 0x44, 0x46)) return "the bytes are a PDF document"
  if (startsWith(head, 0x50, 0x4b)) return "the bytes are a zip archive (perhaps a workbook)"
  if (startsWith(head, 0x1f, 0x8b)) return "the bytes are gzip"
  if (startsWith(head, 0xd0, 0xcf, 0x11, 0xe0)) return "the bytes are an old Office document (xls, doc)"
  if (startsWith(head, 0x37, 0x7a, 0xbc, 0xaf)) return "the bytes are a 7z archive: ask the publisher for a zip"
  if (startsWith(head, 0x52, 0x61, 0x72, 0x21)) return "the bytes are a rar archive: ask the publisher for a zip"
  const text = new TextDecoder("latin1")
    .decode(head.subarray(0, 2_048))
    .replace(/^\u00ef\u00bb\u00bf/, "")
    .trimStart()
    .toLowerCase()
  if (text.startsWith("<!doctype html") || text.startsWith("<html") || /<head[\s>]|<body[\s>]/.test(text)) {
    return "the bytes are an HTML page, not the file (an error or sign-in page of the server)"
  }
  if (text.startsWith("<?xml") || text.startsWith("<")) return "the bytes are XML"
  if (text === "") return "the file holds only blanks"
  return "the bytes are not recognised"
}
