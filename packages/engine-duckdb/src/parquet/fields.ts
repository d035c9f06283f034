/** Fields of Parquet's metadata as values to write, and the runs that its levels are made of. */
import type { Field, Struct, Value } from "./thrift-compact.ts"

/** Wire types of Thrift's compact protocol. */
export const I32 = 5
const I64 = 6
export const BINARY = 8
const LIST = 9
export const STRUCT = 12

/** Physical types of Parquet. */
export const INT64 = 2
export const DOUBLE = 5
export const BYTE_ARRAY = 6
/** Encodings of Parquet. */
export const PLAIN = 0
export const RLE = 3
export const DELTA_BINARY_PACKED = 5
export const DELTA_LENGTH_BYTE_ARRAY = 6
export const RLE_DICTIONARY = 8

/** The converted type of a signed number of 64 bits. */
const INT_64 = 18

export const i32 = (id: number, value: number): Field => ({ id, type: I32, value: BigInt(value) })
export const i64 = (id: number, value: number): Field => ({ id, type: I64, value: BigInt(value) })
export const text = (id: number, value: string): Field => ({ id, type: BINARY, value: Buffer.from(value) })
export const list = (id: number, element: number, items: ReadonlyArray<Value>): Field => ({
  id,
  type: LIST,
  value: { element, items },
})
export const struct = (id: number, value: Struct): Field => ({ id, type: STRUCT, value })

/** A column that may hold NULL; `isText`: UTF-8. */
export const columnSchema = (name: string, type: number, isText: boolean): Struct => [
  i32(1, type),
  i32(3, 1),
  text(4, name),
  ...(isText ? [i32(6, 0)] : []),
]

/** A column of 64-bit whole numbers, as the engine declares it. */
export const int64Schema = (name: string): Struct => [i32(1, INT64), i32(3, 1), text(4, name), i32(6, INT_64)]

/** The bytes of an unsigned varint. */
export const varint = (value: number): ReadonlyArray<number> => {
  const bytes: Array<number> = []
  let rest = value
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128)
  return [...bytes, rest]
}

/** The bytes of a signed varint. */
export const zigzag = (value: number): ReadonlyArray<number> => varint(value < 0 ? -value * 2 - 1 : value * 2)

/** One run of RLE: `count` times a value of one bit. */
export const run = (count: number, value: 0 | 1): Buffer => Buffer.from([...varint(count * 2), value])

export const lengthPrefixed = (bytes: Uint8Array): Buffer => {
  const length = Buffer.alloc(4)
  length.writeUInt32LE(bytes.length)
  return Buffer.concat([length, bytes])
}
