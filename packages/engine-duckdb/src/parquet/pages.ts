/**
 * Columns of a batch as Parquet pages. A text column is one join and one encoding, whatever it holds: cell by cell, the calls cost more than the
 * bytes. Two buffers are used again for every page.
 */
import type { Cell } from "@opendatahub-sql/core"
import {
  BYTE_ARRAY,
  DELTA_LENGTH_BYTE_ARRAY,
  DOUBLE,
  i32,
  lengthPrefixed,
  PLAIN,
  RLE,
  run,
  struct,
  varint,
  zigzag,
} from "./fields.ts"
import { writeStruct } from "./thrift-compact.ts"

/** How the cells of a column are kept: as UTF-8, as bytes, or as doubles. */
export type ColumnKind = "text" | "bytes" | "number"

/** Physical type and encoding of each kind. */
export const stored = {
  text: { type: BYTE_ARRAY, encoding: DELTA_LENGTH_BYTE_ARRAY },
  bytes: { type: BYTE_ARRAY, encoding: DELTA_LENGTH_BYTE_ARRAY },
  number: { type: DOUBLE, encoding: PLAIN },
} as const

/** The cells of one column of a batch. */
export type Cells = ArrayLike<Cell | undefined>

/** A buffer that one large cell grew is not kept, in bytes. */
const MOST_KEPT = 8_388_608
const START = 1_048_576
/** Cells that are joined at once: their text stays in the processor's cache, and where the collector is fastest. */
const JOINED = 512

const isNull = (cell: Cell | undefined): cell is null | undefined => cell === null || cell === undefined

/** Definition levels: one bit a row, 0 for NULL. */
const levelsOf = (cells: Cells, rows: number, nulls: number): Buffer => {
  if (nulls === 0) return lengthPrefixed(run(rows, 1))
  const bits = new Uint8Array(Math.ceil(rows / 8))
  for (let row = 0; row < rows; row++)
    if (!isNull(cells[row])) bits[row >> 3] = (bits[row >> 3] as number) | (1 << (row & 7))
  return lengthPrefixed(Buffer.concat([Buffer.from(varint(bits.length * 2 + 1)), bits]))
}

/** DELTA_BINARY_PACKED in one block of one miniblock, of as many whole bytes a value as the largest needs. */
const packed = (lengths: Int32Array): Uint8Array => {
  const count = lengths.length
  let least = 0
  let most = 0
  for (let i = 1; i < count; i++) {
    const delta = (lengths[i] as number) - (lengths[i - 1] as number)
    if (delta < least) least = delta
    if (delta > most) most = delta
  }
  const block = Math.max(128, Math.ceil((count - 1) / 128) * 128)
  const span = most - least
  const deltas = new (span < 256 ? Uint8Array : span < 65_536 ? Uint16Array : Uint32Array)(block)
  for (let i = 1; i < count; i++) deltas[i - 1] = (lengths[i] as number) - (lengths[i - 1] as number) - least
  const head = [...varint(block), 1, ...varint(count), ...zigzag(lengths[0] ?? 0)]
  const body = count > 1 ? [...zigzag(least), deltas.BYTES_PER_ELEMENT * 8] : []
  return Buffer.concat([Buffer.from([...head, ...body]), ...(count > 1 ? [new Uint8Array(deltas.buffer)] : [])])
}

/** From lengths in UTF-16 to lengths in UTF-8, in place; false when a surrogate of one text met that of the next. */
const inBytes = (lengths: Int32Array, bytes: Uint8Array): boolean => {
  let at = 0
  for (let i = 0; i < lengths.length; i++) {
    const start = at
    let units = lengths[i] as number
    while (units > 0) {
      const byte = bytes[at] as number
      at += byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4
      units -= byte < 0xf0 ? 1 : 2
    }
    if (units < 0) return false
    lengths[i] = at - start
  }
  return true
}

export class PageWriter {
  private buffer = Buffer.allocUnsafeSlow(START)
  private values = Buffer.allocUnsafeSlow(START)
  private valuesEnd = 0
  /** Bytes of the pages that wait. */
  length = 0

  /** The pages that wait, good until the next one is written. */
  take(): Uint8Array {
    const taken = this.buffer.subarray(0, this.length)
    this.length = 0
    if (this.buffer.length > MOST_KEPT) this.buffer = Buffer.allocUnsafeSlow(START)
    if (this.values.length > MOST_KEPT) this.values = Buffer.allocUnsafeSlow(START)
    return taken
  }

  /** One column chunk of one page; says its size in bytes. */
  column(kind: ColumnKind, cells: Cells, rows: number): number {
    let nulls = 0
    for (let row = 0; row < rows; row++) if (isNull(cells[row])) nulls++
    this.valuesEnd = 0
    const lengths = new Int32Array(kind === "number" ? 0 : rows - nulls)
    if (kind === "text") this.text(cells, rows, lengths)
    else if (kind === "bytes") this.blobs(cells, rows, lengths)
    else this.numbers(cells, rows, rows - nulls)
    const levels = levelsOf(cells, rows, nulls)
    const sizes = kind === "number" ? lengths.subarray(0, 0) : packed(lengths)
    const size = levels.length + sizes.byteLength + this.valuesEnd
    const header = [i32(1, rows), i32(2, stored[kind].encoding), i32(3, RLE), i32(4, RLE)]
    const page = writeStruct([i32(1, 0), i32(2, size), i32(3, size), struct(5, header)])
    this.reserve(page.length + size)
    for (const part of [page, levels, sizes, this.values.subarray(0, this.valuesEnd)]) {
      this.buffer.set(part, this.length)
      this.length += part.length
    }
    return page.length + size
  }

  private reserve(bytes: number): void {
    if (this.length + bytes <= this.buffer.length) return
    const grown = Buffer.allocUnsafeSlow(Math.max(this.buffer.length * 2, this.length + bytes))
    this.buffer.copy(grown, 0, 0, this.length)
    this.buffer = grown
  }

  /** Room for more values after those that are there. */
  private room(bytes: number): Buffer {
    const needed = this.valuesEnd + bytes
    if (needed > this.values.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(this.values.length * 2, needed))
      this.values.copy(grown, 0, 0, this.valuesEnd)
      this.values = grown
    }
    return this.values
  }

  /** Text as it is, other values in the canonical text that the engine casts back. */
  private text(cells: Cells, rows: number, lengths: Int32Array): void {
    let at = 0
    for (let row = 0; row < rows; row += JOINED) {
      const some: ReadonlyArray<Cell | undefined> = Array.prototype.slice.call(cells, row, Math.min(rows, row + JOINED))
      const start = at
      for (const cell of some)
        if (!isNull(cell)) lengths[at++] = typeof cell === "string" ? cell.length : String(cell).length
      this.joined(some, lengths.subarray(start, at))
    }
  }

  private joined(cells: ReadonlyArray<Cell | undefined>, lengths: Int32Array): void {
    const text = cells.join("")
    // A UTF-16 unit is at most three bytes of UTF-8.
    const values = this.room(text.length * 3)
    const written = values.write(text, this.valuesEnd, "utf8")
    if (written !== text.length && !inBytes(lengths, values.subarray(this.valuesEnd))) {
      const wellFormed = cells.map((cell) => (isNull(cell) ? null : Buffer.from(String(cell)).toString()))
      return this.joined(wellFormed, lengths)
    }
    this.valuesEnd += written
  }

  private blobs(cells: Cells, rows: number, lengths: Int32Array): void {
    const parts: Array<Uint8Array> = []
    let size = 0
    for (let row = 0; row < rows; row++) {
      const cell = cells[row]
      if (isNull(cell)) continue
      const bytes = cell instanceof Uint8Array ? cell : Buffer.from(String(cell))
      lengths[parts.length] = bytes.length
      parts.push(bytes)
      size += bytes.length
    }
    const values = this.room(size)
    for (const part of parts) {
      values.set(part, this.valuesEnd)
      this.valuesEnd += part.length
    }
  }

  private numbers(cells: Cells, rows: number, present: number): void {
    const numbers = new Float64Array(present)
    let at = 0
    for (let row = 0; row < rows; row++) {
      const cell = cells[row]
      if (!isNull(cell)) numbers[at++] = Number(cell)
    }
    this.room(numbers.byteLength).set(new Uint8Array(numbers.buffer), this.valuesEnd)
    this.valuesEnd += numbers.byteLength
  }
}
