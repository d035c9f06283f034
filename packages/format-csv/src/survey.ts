/** One pass over the whole file, in bounded memory: its encoding, and samples of it. */
import type { FormatError, ReadError, RawFile } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { EncodingName } from "./encoding/encoding-name.ts"
import { common } from "./dialect/find-dialect.ts"
import { decode } from "./encoding/decoding.ts"
import { decideEncoding, type Encoding } from "./encoding/encoding.ts"
import { gatherEvidence } from "./encoding/evidence.ts"
import type { Options } from "./options.ts"
import { type QuotedLines, quotedLines } from "./quoted-lines.ts"

/** What the pass found. Text is decoded, without the mark at its start. */
export interface Survey {
  readonly bytes: number
  readonly encoding: Encoding
  /** Whether the file starts with a mark of byte order. */
  readonly mark: boolean
  /** The start of the file, cut anywhere. */
  readonly head: string
  /** Whether `head` is the whole file. */
  readonly whole: boolean
  /** Parts further on, each from one line end to another. */
  readonly blocks: ReadonlyArray<string>
  /** What the file holds somewhere, in quotes or not. */
  /** In bytes, exact for lines longer than a chunk of the file. */
  readonly longestLine: number
  /** What quotes hold that a parallel reader may misread. */
  readonly quoted: Pick<QuotedLines, "most" | "strict">
  readonly holds: { readonly quotes: boolean; readonly returns: boolean; readonly nul: boolean; readonly emptyLines: boolean }
}

const LF = 10
const CR = 13
const HEAD = 256 * 1024
const BLOCK = 32 * 1024
const BLOCKS = 32

/** Keeps `BLOCK` bytes at every multiple of a stride that doubles when there are too many: no need to know the size beforehand. */
const sampler = () => {
  const head: Array<Uint8Array> = []
  let blocks: Array<{ readonly at: number; readonly parts: Array<Uint8Array>; length: number }> = []
  let offset = 0
  let stride = 2 * HEAD
  const addToBlocks = (chunk: Uint8Array) => {
    const end = offset + chunk.length
    for (let at = Math.max(stride, Math.ceil((offset - BLOCK + 1) / stride) * stride); at < end; at += stride) {
      let block = blocks.find((b) => b.at === at)
      if (block === undefined) {
        if (at < offset) continue
        block = { at, parts: [], length: 0 }
        blocks.push(block)
      }
      const from = at + block.length - offset
      const part = chunk.slice(from, Math.min(chunk.length, from + BLOCK - block.length))
      block.parts.push(part)
      block.length += part.length
    }
    while (blocks.length > BLOCKS * 2) {
      stride *= 2
      blocks = blocks.filter((b) => b.at % stride === 0)
    }
  }
  return {
    add: (chunk: Uint8Array) => {
      if (offset < HEAD) head.push(chunk.slice(0, HEAD - offset))
      addToBlocks(chunk)
      offset += chunk.length
    },
    head: () => Buffer.concat(head),
    blocks: () => blocks.map((b) => Buffer.concat(b.parts)),
  }
}

const view = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

const lastLineEnd = (bytes: Buffer, returns: boolean): number => Math.max(bytes.lastIndexOf(LF), returns ? bytes.lastIndexOf(CR) : -1)
const firstLineEnd = (bytes: Buffer, returns: boolean): number => {
  const end = bytes.indexOf(LF)
  const other = returns ? bytes.indexOf(CR) : -1
  return end < 0 || (other >= 0 && other < end) ? other : end
}

/** Finds bytes anywhere in the file, across the cuts of the chunks, by native search. */
const finder = () => {
  const holds = { quotes: false, returns: false, nul: false, emptyLines: false }
  let last = Buffer.alloc(0)
  let sinceLineEnd = 0
  let longest = 0
  const emptyLine = (bytes: Buffer) => bytes.includes("\n\n") || (holds.returns && (bytes.includes("\n\r") || bytes.includes("\r\r")))
  return {
    holds,
    longestLine: () => Math.max(longest, sinceLineEnd),
    add: (bytes: Buffer, quote: string) => {
      holds.quotes ||= quote !== "" && bytes.includes(quote)
      holds.returns ||= bytes.includes(CR)
      holds.nul ||= bytes.includes(0)
      holds.emptyLines ||= emptyLine(bytes) || emptyLine(Buffer.concat([last, bytes.subarray(0, 2)]))
      const end = lastLineEnd(bytes, holds.returns)
      longest = Math.max(longest, sinceLineEnd + (end < 0 ? bytes.length : firstLineEnd(bytes, holds.returns)))
      sinceLineEnd = end < 0 ? sinceLineEnd + bytes.length : bytes.length - 1 - end
      last = Buffer.from(bytes.subarray(-2))
    },
  }
}

const betweenLineEnds = (text: string): string => text.slice(text.search(/[\r\n]/) + 1, Math.max(text.lastIndexOf("\n"), text.lastIndexOf("\r")) + 1)

const hasMark = (start: Buffer, encoding: EncodingName): boolean =>
  encoding === "utf-8" ? start.subarray(0, 3).equals(Buffer.from("\ufeff")) : encoding.startsWith("utf-16") && decodeStart(start, encoding) === 0xfeff

const decodeStart = (start: Buffer, encoding: EncodingName): number =>
  start.length < 2 ? 0 : encoding === "utf-16le" ? start.readUInt16LE(0) : start.readUInt16BE(0)

/** Surveys a file. */
export const survey = Effect.fn("FormatCsv.survey")(function* (file: RawFile, options: Options): Effect.fn.Return<Survey, ReadError | FormatError> {
  const evidence = gatherEvidence()
  const samples = sampler()
  const found = finder()
  const quote = options.quote === false ? "" : (options.quote ?? '"')
  const delimiters = options.delimiter === undefined ? common : [options.delimiter]
  const lines = quotedLines(quote, delimiters, HEAD)
  yield* Stream.runForEach(file.bytes(), (chunk) =>
    Effect.sync(() => {
      evidence.add(chunk)
      samples.add(chunk)
      found.add(view(chunk), quote)
      if (found.holds.quotes) lines.add(view(chunk))
    }))
  const gathered = evidence.end()
  const encoding = decideEncoding(gathered, options.encoding)
  return {
    bytes: gathered.bytes,
    encoding,
    mark: hasMark(gathered.start, encoding.name),
    head: decode(samples.head(), encoding.name),
    whole: gathered.bytes <= HEAD,
    blocks: samples.blocks().map((block) => betweenLineEnds(decode(block, encoding.name))).filter((text) => text !== ""),
    longestLine: found.longestLine(),
    quoted: lines,
    holds: found.holds,
  }
})
