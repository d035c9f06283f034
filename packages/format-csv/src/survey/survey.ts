/** One pass over the whole file, in bounded memory: its encoding, and samples of it. */
import type { FormatError, ReadError, RawFile } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { common } from "../dialect/candidates.ts"
import { decode } from "../encoding/decoding.ts"
import type { EncodingName } from "../encoding/encoding-name.ts"
import { decideEncoding, type Encoding } from "../encoding/encoding.ts"
import { gatherEvidence } from "../encoding/evidence.ts"
import type { Options } from "../options.ts"
import { finder, type Holds } from "./finder.ts"
import { type QuotedLines, quotedLines } from "./quoted-lines.ts"
import { HEAD, sampler } from "./sampler.ts"

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
  /** The end of the file: the last lines of its last kilobytes. */
  readonly tail: string
  /** Lines with nothing in them, those in quotes left out. */
  readonly emptyLines: number
  /** In bytes, exact for lines longer than a chunk of the file. */
  readonly longestLine: number
  /** What this quote holds that a parallel reader may misread; `undefined` when quotes are text. */
  readonly quoted: { readonly quote: string; readonly lines: Pick<QuotedLines, "most" | "strict"> } | undefined
  readonly holds: Holds
}

const view = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

const betweenLineEnds = (text: string): string =>
  text.slice(text.search(/[\r\n]/) + 1, Math.max(text.lastIndexOf("\n"), text.lastIndexOf("\r")) + 1)

const marks: { readonly [name in EncodingName]?: ReadonlyArray<number> } = {
  "utf-8": [0xef, 0xbb, 0xbf],
  "utf-16le": [0xff, 0xfe],
  "utf-16be": [0xfe, 0xff],
}

const hasMark = (start: Buffer, encoding: EncodingName): boolean =>
  marks[encoding]?.every((byte, index) => start[index] === byte) ?? false

/** Surveys a file. */
export const survey = Effect.fn("FormatCsv.survey")(function* (
  file: RawFile,
  options: Options,
): Effect.fn.Return<Survey, ReadError | FormatError> {
  const evidence = gatherEvidence()
  const samples = sampler()
  const found = finder()
  const quote = options.quote === false ? "" : (options.quote ?? '"')
  const delimiters = options.delimiter === undefined ? common : [options.delimiter]
  const lines = quote === "" ? undefined : quotedLines(quote, delimiters, HEAD)
  yield* Stream.runForEach(file.bytes({ start: 0, transient: true }), (chunk) =>
    Effect.sync(() => {
      evidence.add(chunk)
      samples.add(chunk)
      found.add(view(chunk), quote)
      lines?.add(view(chunk))
    }),
  )
  const gathered = evidence.end()
  const encoding = decideEncoding(gathered, options.encoding)
  const head = samples.head()
  const whole = head.length === gathered.bytes
  return {
    bytes: gathered.bytes,
    encoding,
    mark: hasMark(gathered.start, encoding.name),
    head: decode(head, encoding.name),
    whole,
    blocks: samples
      .blocks()
      .map((block) => betweenLineEnds(decode(block, encoding.name)))
      .filter((text) => text !== ""),
    tail: whole ? "" : decode(samples.tail(), encoding.name).replace(/^[^\r\n]*[\r\n]+/, ""),
    emptyLines: found.emptyLines() - (lines?.emptyLines() ?? 0),
    longestLine: found.longestLine(),
    quoted: lines === undefined ? undefined : { quote, lines },
    holds: found.holds,
  }
})
