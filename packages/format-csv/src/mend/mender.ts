/**
 * Bytes of a file with odd records to lines without any: runs of plain records go past as they are, all others through the tolerant reader, a
 * line first, then twice as much each time, until it waits for nothing.
 */
import type { JsonObject } from "@opendatahub-sql/core"
import { decodePart, singleByteOf } from "../encoding/decoding.ts"
import { singleByteToUtf8 } from "../encoding/single-byte.ts"
import type { Options } from "../options.ts"
import type { Opened } from "../read.ts"
import { MOST_REJECTS } from "../read-csv.ts"
import { byteCounter } from "../records/byte-counter.ts"
import { recordReader } from "../records/record-reader.ts"
import { lineBuilder, type LineDialect } from "./line-builder.ts"
import { plainRecords, SLACK } from "./plain-records.ts"

const LF = 10

export interface Mender {
  /** Takes the next bytes, `final` with the last; gives lines, good until the next call, or why the file is not for this. */
  readonly mend: (bytes: Uint8Array, final: boolean) => Uint8Array | "unnumbered" | "unfit"
  /** The rejects since the last call. */
  readonly takeRejects: () => string
  readonly escaped: ReadonlySet<number>
  /** In bytes, of the lines that were written anew. */
  readonly longest: () => number
  readonly facts: () => JsonObject
}

const nameBytes = (name: string, isUtf8: boolean): ReadonlyArray<number | undefined> =>
  isUtf8 ? [...Buffer.from(name)] : Array.from(name, (c) => (c < "\u0080" ? c.charCodeAt(0) : undefined))

export const mender = (file: string, { surveyed, layout }: Opened, options: Options, dialect: LineDialect): Mender => {
  const { encoding, mark } = surveyed
  const width = layout.columns.length
  const nullValues = options.nullValues ?? []
  const oneByte = singleByteOf(encoding.name)
  const toUtf8 = oneByte === undefined ? undefined : singleByteToUtf8(oneByte)
  const builder = lineBuilder(dialect, width)
  const reader = recordReader(file, layout, nullValues, byteCounter(encoding, mark), () => builder)
  const name = nameBytes(layout.columns[0] ?? "", toUtf8 === undefined)
  const plain = plainRecords({ ...dialect, dialect: layout.dialect, width, name })
  const lineEnd = dialect.lineEnd === "\n" ? "lf" : "crlf"

  let work = Buffer.alloc(0)
  let carried = 0
  /** Bytes of the mark that are still to be left out. */
  let marked = mark ? 3 : 0
  let piece = 0

  const hold = (bytes: Uint8Array): number => {
    const n = carried + bytes.length
    if (work.length < n + SLACK) {
      const larger = Buffer.allocUnsafeSlow(2 * n + SLACK)
      work.copy(larger, 0, 0, carried)
      work = larger
    }
    work.set(bytes, carried)
    work.fill(LF, n, n + SLACK)
    return n
  }

  /** The end of what the reader gets next: the last line end within reach, or the first one. */
  const endOfPiece = (from: number, n: number): number => {
    const reach = Math.min(n, from + piece)
    const last = work.lastIndexOf(LF, reach - 1) + 1
    if (reach > from && last > from) return last
    const first = work.indexOf(LF, from) + 1
    return first > n ? 0 : first
  }

  const given = (): Uint8Array | "unnumbered" =>
    !dialect.numbered && builder.rejected() > MOST_REJECTS ? "unnumbered" : builder.takeLines()

  return {
    mend: (bytes, final) => {
      const n = hold(bytes)
      let at = Math.min(marked, n)
      marked -= at
      while (at < n) {
        if (reader.isIdle()) {
          const end = plain.run(work, at, n, dialect.numbered ? 1 : Infinity)
          if (end > at) {
            const run = work.subarray(at, end)
            builder.lines(toUtf8 === undefined ? run : toUtf8(run), reader.records() + 1)
            reader.passed(plain.count(), end - at, lineEnd)
            at = end
            piece = 0
            continue
          }
        }
        const end = final ? n : endOfPiece(at, n)
        if (end <= at) break
        piece = Math.max(64, 2 * piece)
        const events = reader.read(decodePart(work.subarray(at, end), encoding.name), false)
        if ("_tag" in events || events.length > 0) return "unfit"
        at = end
      }
      work.copyWithin(0, at, n)
      carried = n - at
      if (!final) return given()
      const events = reader.read("", true)
      return "_tag" in events || events.length > 0 ? "unfit" : given()
    },
    takeRejects: builder.takeRejects,
    escaped: builder.escaped,
    longest: builder.longest,
    facts: reader.facts,
  }
}
