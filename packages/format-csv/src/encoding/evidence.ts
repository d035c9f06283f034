/** What one pass over the bytes tells about their encoding. Native code looks at valid UTF-8; only the rest is looked at byte by byte. */
import { isAscii, isUtf8 } from "node:buffer"

/** Counts over a whole file; offsets in bytes from 0. */
export interface Evidence {
  bytes: number
  /** The first kilobytes, for marks and the pattern of UTF-16. */
  start: Buffer
  /** Characters of two bytes and more that are valid UTF-8: exact up to the first damage or {@link ENOUGH}, and exact after. */
  sequences: number
  /** Bytes that are no part of valid UTF-8. */
  damaged: number
  readonly damagedAt: Array<number>
  /** How many of them are the start of a character that the end of the file cuts. */
  cutOff: number
  /** How often each byte from 0x80 occurs, in the parts that are not valid UTF-8. */
  readonly high: Float64Array
  /** The same of those between two letters of ASCII, the first of which is small, or a capital. */
  readonly afterSmall: Float64Array
  readonly afterCapital: Float64Array
}

/** So many valid characters prove that UTF-8 was meant. */
const ENOUGH = 10_000
const POSITIONS = 10
const START = 4096

/** How many bytes at the end of `bytes` begin a character that they do not finish: 0 to 3. */
const unfinished = (bytes: Buffer): number => {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0
    if (byte < 0x80) return 0
    if (byte >= 0xc0) return back < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? back : 0
  }
  return 0
}

const isContinuation = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x80 && byte <= 0xbf

/** The length of the valid sequence at `i`, 0 if there is none (RFC 3629, table of section 4). */
const sequenceAt = (bytes: Buffer, i: number): number => {
  const first = bytes[i] ?? 0
  const second = bytes[i + 1]
  if (first < 0xc2 || first > 0xf4 || !isContinuation(second) || second === undefined) return 0
  if (first < 0xe0) return 2
  if ((first === 0xe0 && second < 0xa0) || (first === 0xed && second > 0x9f) || !isContinuation(bytes[i + 2])) return 0
  if (first < 0xf0) return 3
  if ((first === 0xf0 && second < 0x90) || (first === 0xf4 && second > 0x8f)) return 0
  return isContinuation(bytes[i + 3]) ? 4 : 0
}

/** The first small letter of ASCII. */
const SMALL = 0x61
const isLetter = (byte = 0): boolean => (byte >= 0x41 && byte <= 0x5a) || (byte >= SMALL && byte <= 0x7a)

const increment = (counts: Float64Array, byte: number): void => {
  counts[byte] = (counts[byte] ?? 0) + 1
}

/** What stands around a cut between two chunks. */
interface Edge {
  /** The byte before the chunk. */
  before: number
  /** A byte after a letter at the end of a chunk, to be counted if another letter follows. */
  waiting: { readonly counts: Float64Array; readonly byte: number } | undefined
}

/** Counts what waited for the first of these bytes. */
const arrive = (edge: Edge, bytes: Buffer): void => {
  if (edge.waiting !== undefined && isLetter(bytes[0])) increment(edge.waiting.counts, edge.waiting.byte)
  edge.waiting = undefined
}

const look = (evidence: Evidence, bytes: Buffer, offset: number, edge: Edge): void => {
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] ?? 0
    if (byte < 0x80) continue
    const length = sequenceAt(bytes, i)
    if (length > 0) {
      evidence.sequences++
      i += length - 1
      continue
    }
    if (evidence.damagedAt.length < POSITIONS) evidence.damagedAt.push(offset + i)
    evidence.damaged++
    increment(evidence.high, byte)
    const before = i === 0 ? edge.before : (bytes[i - 1] ?? 0)
    if (!isLetter(before)) continue
    const counts = before >= SMALL ? evidence.afterSmall : evidence.afterCapital
    if (i + 1 === bytes.length) edge.waiting = { counts, byte }
    else if (isLetter(bytes[i + 1])) increment(counts, byte)
  }
}

/** An accumulator: `add` every chunk in order, then `end`. At most 3 bytes are carried from one chunk to the next. */
export const gatherEvidence = () => {
  const evidence: Evidence = {
    bytes: 0,
    start: Buffer.alloc(0),
    sequences: 0,
    damaged: 0,
    damagedAt: [],
    cutOff: 0,
    high: new Float64Array(256),
    afterSmall: new Float64Array(256),
    afterCapital: new Float64Array(256),
  }
  let carry: Buffer = Buffer.alloc(0)
  /** So much text of single bytes, with some of Windows-1252 or Mac OS Roman, settles the matter. */
  const settled = () =>
    evidence.damaged > ENOUGH * 10 &&
    evidence.sequences < evidence.damaged / 100 &&
    evidence.high.subarray(0x80, 0xa0).some((n) => n > 0)
  const edge: Edge = { before: 0, waiting: undefined }
  const check = (bytes: Buffer, offset: number) => {
    if (bytes.length === 0) return
    arrive(edge, bytes)
    const isKnown = settled() || (evidence.damaged === 0 && evidence.sequences >= ENOUGH && isUtf8(bytes))
    if (!isKnown) look(evidence, bytes, offset, edge)
    edge.before = bytes.at(-1) ?? 0
  }
  return {
    add: (chunk: Uint8Array) => {
      const offset = evidence.bytes - carry.length
      const view = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
      if (evidence.start.length < START)
        evidence.start = Buffer.concat([evidence.start, view.subarray(0, START - evidence.start.length)])
      evidence.bytes += view.length
      if (view.length === 0) return
      if (carry.length === 0 && isAscii(view)) {
        arrive(edge, view)
        edge.before = view.at(-1) ?? 0
        return
      }
      const bytes = carry.length === 0 ? view : Buffer.concat([carry, view])
      const whole = bytes.length - unfinished(bytes)
      carry = Buffer.from(bytes.subarray(whole))
      check(bytes.subarray(0, whole), offset)
    },
    end: (): Evidence => {
      evidence.cutOff = carry.length
      check(carry, evidence.bytes - carry.length)
      carry = Buffer.alloc(0)
      return evidence
    },
  }
}
