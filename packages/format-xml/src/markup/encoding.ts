/** From the bytes of a file to its text: byte order mark, then the XML declaration, else UTF-8 (XML 1.0, appendix F). */
import { isUtf8 } from "node:buffer"

/** How a file's bytes become text: `mark` bytes at its head are left out. */
export interface Encoding {
  /** As the WHATWG Encoding Standard names it: ISO-8859-1 is `windows-1252`. */
  readonly name: string
  readonly mark: number
}

const DECLARATION = /^<\?xml\s[^>]*?encoding\s*=\s*["']([A-Za-z][\w.:-]*)["']/

/** The encoding, or the name that was declared and that nobody here can read. */
export const encodingOf = (head: Uint8Array): Encoding | { readonly unknown: string } => {
  const [a, b, c] = head
  if (a === 0xef && b === 0xbb && c === 0xbf) return { name: "utf-8", mark: 3 }
  if (a === 0xff && b === 0xfe) return { name: "utf-16le", mark: 2 }
  if (a === 0xfe && b === 0xff) return { name: "utf-16be", mark: 2 }
  if (a === 0x3c && b === 0) return { name: "utf-16le", mark: 0 }
  if (a === 0 && b === 0x3c) return { name: "utf-16be", mark: 0 }
  const declared = DECLARATION.exec(Buffer.from(head.subarray(0, 1_024)).toString("latin1"))?.[1] ?? "utf-8"
  // A declaration that could be read as ASCII is not UTF-16, whatever it says.
  if (/^(?:utf-?16|ucs-?[24]|iso-10646-ucs)/i.test(declared)) return { name: "utf-8", mark: 0 }
  try {
    return { name: new TextDecoder(declared).encoding, mark: 0 }
  } catch {
    return { unknown: declared }
  }
}

/** Bytes that text has in the file, to say where something is. */
export const bytesOf = (encoding: Encoding, text: string): number =>
  encoding.name === "utf-8"
    ? Buffer.byteLength(text)
    : encoding.name.startsWith("utf-16")
      ? text.length * 2
      : text.length

const windows1252 = new TextDecoder("windows-1252")
const UTF8_OR_FOREIGN =
  /[\u00c2-\u00df][\u0080-\u00bf]|[\u00e0-\u00ef][\u0080-\u00bf]{2}|[\u00f0-\u00f4][\u0080-\u00bf]{3}|[\u0080-\u00ff]/g

/** Bytes at the end that begin a character of UTF-8 whose rest is in the next chunk. */
const unfinished = (bytes: Buffer): number => {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back] ?? 0
    if (byte < 0x80) return 0
    if (byte >= 0xc0) return back < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? back : 0
  }
  return 0
}

/** Turns chunks into text; the same text however the bytes are cut. */
export class Decoder {
  private readonly decoder: InstanceType<typeof TextDecoder> | undefined
  private mark: number
  private rest: Buffer = Buffer.alloc(0)
  /** Bytes that were not UTF-8 and were read as Windows-1252, which reads every Latin-1 letter too. */
  foreign = 0

  constructor({ name, mark }: Encoding) {
    this.decoder = name === "utf-8" ? undefined : new TextDecoder(name, { ignoreBOM: true })
    this.mark = mark
  }

  push(chunk: Uint8Array): string {
    const bytes = chunk.subarray(Math.min(this.mark, chunk.length))
    this.mark -= chunk.length - bytes.length
    return this.decoder === undefined ? this.utf8(bytes, false) : this.decoder.decode(bytes, { stream: true })
  }

  end(): string {
    return this.decoder === undefined ? this.utf8(new Uint8Array(0), true) : this.decoder.decode()
  }

  private utf8(chunk: Uint8Array, last: boolean): string {
    const part = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    const bytes = this.rest.length === 0 ? part : Buffer.concat([this.rest, part])
    const kept = last ? 0 : unfinished(bytes)
    this.rest = Buffer.from(bytes.subarray(bytes.length - kept))
    const whole = bytes.subarray(0, bytes.length - kept)
    const text = whole.toString("utf8")
    // U+FFFD may also stand in the file itself: only then are the bytes looked at again.
    return !text.includes("\ufffd") || isUtf8(whole) ? text : this.repair(whole)
  }

  private repair(bytes: Buffer): string {
    return bytes.toString("latin1").replaceAll(UTF8_OR_FOREIGN, (sequence) => {
      const part = Buffer.from(sequence, "latin1")
      if (part.length > 1 && isUtf8(part)) return part.toString("utf8")
      this.foreign += part.length
      return windows1252.decode(part)
    })
  }
}
