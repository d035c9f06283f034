/** From the bytes of a file to UTF-8 without a byte order mark, and from the bytes of a value to its text. */
import { isUtf8 } from "node:buffer"

/** How a file's bytes become UTF-8: `mark` bytes at its head are left out. */
export interface Encoding {
  readonly name: "utf-8" | "utf-16le" | "utf-16be"
  readonly mark: number
}

/** Told by the mark, else by where the zeros are (RFC 4627 §3): JSON begins with two ASCII characters, or one. */
export const encodingOf = (head: Uint8Array): Encoding => {
  const [a, b, c] = head
  if (a === 0xef && b === 0xbb && c === 0xbf) return { name: "utf-8", mark: 3 }
  if (a === 0xff && b === 0xfe) return { name: "utf-16le", mark: 2 }
  if (a === 0xfe && b === 0xff) return { name: "utf-16be", mark: 2 }
  if (a !== undefined && b === 0 && a !== 0) return { name: "utf-16le", mark: 0 }
  if (a === 0 && b !== undefined && b !== 0) return { name: "utf-16be", mark: 0 }
  return { name: "utf-8", mark: 0 }
}

/** Chunk by chunk to UTF-8 without the mark; `undefined` is the end. Half a code unit at a chunk's end waits for the next. */
export const toUtf8 = (encoding: Encoding): ((chunk: Uint8Array | undefined) => Uint8Array) => {
  let mark = encoding.mark
  const unmarked = (chunk: Uint8Array): Uint8Array => {
    if (mark === 0) return chunk
    const rest = chunk.subarray(mark)
    mark -= chunk.length - rest.length
    return rest
  }
  if (encoding.name === "utf-8") return (chunk) => (chunk === undefined ? new Uint8Array(0) : unmarked(chunk))
  const decoder = new TextDecoder(encoding.name, { ignoreBOM: true })
  return (chunk) =>
    Buffer.from(chunk === undefined ? decoder.decode() : decoder.decode(unmarked(chunk), { stream: true }))
}

const windows1252 = new TextDecoder("windows-1252")
const UTF8_OR_FOREIGN =
  /[\u00c2-\u00df][\u0080-\u00bf]|[\u00e0-\u00ef][\u0080-\u00bf]{2}|[\u00f0-\u00f4][\u0080-\u00bf]{3}|[\u0080-\u00ff]/g

/**
 * The text of one value. JSON is UTF-8; what is not was written by a program that used its own code page, in France Windows-1252, which
 * reads every Latin-1 letter too. Only the bytes that are not UTF-8 are read so. `onForeign` is called when there are any.
 */
export const textOf = (bytes: Uint8Array, onForeign?: () => void): string => {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const text = buffer.toString("utf8")
  // U+FFFD may also stand in the file itself: only then are the bytes looked at again.
  if (!text.includes("\ufffd") || isUtf8(bytes)) return text
  onForeign?.()
  return buffer.toString("latin1").replaceAll(UTF8_OR_FOREIGN, (sequence) => {
    const part = Buffer.from(sequence, "latin1")
    return part.length > 1 && isUtf8(part) ? part.toString("utf8") : windows1252.decode(part)
  })
}
