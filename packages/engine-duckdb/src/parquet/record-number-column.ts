/**
 * The record number of each row as a column: a row's place and the records left out before it. Almost all differences are one, and take no
 * byte: DELTA_BINARY_PACKED of Apache Parquet's Encodings, in blocks of one miniblock.
 */
import type { Step } from "./record-number.ts"
import type { AddedColumn } from "./added-column.ts"
import {
  BINARY,
  DELTA_BINARY_PACKED,
  I32,
  i32,
  i64,
  INT64,
  int64Schema,
  lengthPrefixed,
  list,
  RLE,
  run,
  struct,
  varint,
  zigzag,
} from "./fields.ts"
import { type Struct, writeStruct } from "./thrift-compact.ts"

/** Differences in a block: one shift among them costs as many bytes. */
const BLOCK = 1_024

const shiftAt = (steps: ReadonlyArray<Step>, place: number): number =>
  steps.findLast(({ from }) => from <= place)?.shift ?? 0

/** What the differences of a block are above one, where there are steps among them. */
const above = (steps: ReadonlyArray<Step>, start: number, shift: number): Uint8Array => {
  const most = steps.reduce((max, step, index) => Math.max(max, step.shift - (steps[index - 1]?.shift ?? shift)), 0)
  const values = new (most < 256 ? Uint8Array : most < 65_536 ? Uint16Array : Uint32Array)(BLOCK)
  steps.forEach((step, index) => {
    values[step.from - start] = step.shift - (steps[index - 1]?.shift ?? shift)
  })
  return Buffer.concat([Buffer.of(values.BYTES_PER_ELEMENT * 8), new Uint8Array(values.buffer)])
}

const packed = (steps: ReadonlyArray<Step>, before: number, rows: number): Uint8Array => {
  let shift = shiftAt(steps, before)
  const parts: Array<Uint8Array> = [Buffer.from([...varint(BLOCK), 1, ...varint(rows), ...zigzag(before + 1 + shift)])]
  for (let start = before + 1; start < before + rows; start += BLOCK) {
    const within = steps.filter(({ from }) => from >= start && from < Math.min(start + BLOCK, before + rows))
    parts.push(Buffer.from(zigzag(1)), within.length === 0 ? Buffer.of(0) : above(within, start, shift))
    shift = within.at(-1)?.shift ?? shift
  }
  return Buffer.concat(parts)
}

const littleEndian = (value: number): Buffer => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64LE(BigInt(value))
  return bytes
}

const binary = (id: number, value: Uint8Array): Struct[number] => ({ id, type: BINARY, value })

/** The column `name`: from 1, with the steps of the records left out. */
export const recordNumberColumn = (name: string, steps: ReadonlyArray<Step>): AddedColumn => ({
  schema: int64Schema(name),
  chunk: ({ before, rows }, place) => {
    const body = Buffer.concat([lengthPrefixed(run(rows, 1)), packed(steps, before, rows)])
    const header = struct(5, [i32(1, rows), i32(2, DELTA_BINARY_PACKED), i32(3, RLE), i32(4, RLE)])
    const bytes = Buffer.concat([writeStruct([i32(1, 0), i32(2, body.length), i32(3, body.length), header]), body])
    const last = before + rows - 1
    const statistics: Struct = [
      i64(3, 0),
      binary(5, littleEndian(last + 1 + shiftAt(steps, last))),
      binary(6, littleEndian(before + 1 + shiftAt(steps, before))),
    ]
    const metadata: Struct = [
      i32(1, INT64),
      list(2, I32, [BigInt(DELTA_BINARY_PACKED), BigInt(RLE)]),
      list(3, BINARY, [Buffer.from(name)]),
      i32(4, 0),
      i64(5, rows),
      i64(6, bytes.length),
      i64(7, bytes.length),
      i64(9, place),
      struct(12, statistics),
    ]
    return { bytes, chunk: [i64(2, 0), struct(3, metadata)] }
  },
})
