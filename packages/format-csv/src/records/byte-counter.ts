/** Where in the file's own bytes a character of its decoded text stands. */
import type { Encoding } from "../encoding/encoding.ts"

/** Characters are counted in order: `at` never goes back. */
export interface ByteCounter {
  /** A piece of text that starts where the last one that was passed on ended. */
  readonly at: (text: string, from: number, to: number) => number | undefined
  /** Bytes whose text nobody asks for. */
  readonly skip: (count: number) => void
}

const bytesOfMark: Readonly<Record<string, number>> = { "utf-8": 3, "utf-16le": 2, "utf-16be": 2 }

/** `undefined` for damaged UTF-8, where characters no longer tell how many bytes they were. */
export const byteCounter = (encoding: Encoding, mark: boolean): ByteCounter => {
  let bytes = mark ? (bytesOfMark[encoding.name] ?? 0) : 0
  const size = (text: string, from: number, to: number): number => {
    if (encoding.name === "utf-8") return Buffer.byteLength(text.slice(from, to))
    return (to - from) * (encoding.name.startsWith("utf-16") ? 2 : 1)
  }
  return {
    at: (text, from, to) => {
      if (encoding.damagedBytes > 0) return undefined
      bytes += size(text, from, to)
      return bytes
    },
    skip: (count) => {
      bytes += count
    },
  }
}
