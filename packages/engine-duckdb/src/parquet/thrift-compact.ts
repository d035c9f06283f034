/** Thrift's compact protocol as a generic tree, as far as Parquet uses it: read, change, write back byte for byte. */

/** A field of a struct: its id, its wire type, its value. */
export interface Field {
  readonly id: number
  readonly type: number
  readonly value: Value
}
/** A list, with the wire type of its elements. */
export interface List {
  readonly element: number
  readonly items: ReadonlyArray<Value>
}
export type Struct = ReadonlyArray<Field>
/** Where a struct is due, bytes are one that was written already. */
export type Value = boolean | bigint | number | Uint8Array | List | Struct

/** Wire types. Booleans of a struct are in the type itself; i16, i32 and i64 are all zigzag varints. */
const TRUE = 1
const FALSE = 2
const BYTE = 3
const I64 = 6
const DOUBLE = 7
const BINARY = 8
const LIST = 9
const SET = 10
const STRUCT = 12

class Reader {
  private readonly bytes: Buffer
  private at = 0

  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  private varint(): bigint {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.bytes.readUInt8(this.at++)
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
  }

  private zigzag(): bigint {
    const value = this.varint()
    return (value >> 1n) ^ -(value & 1n)
  }

  private value(type: number): Value {
    switch (type) {
      case TRUE:
      case FALSE:
        return this.bytes.readUInt8(this.at++) === TRUE
      case BYTE:
        return this.bytes.readInt8(this.at++)
      case DOUBLE: {
        this.at += 8
        return this.bytes.readDoubleLE(this.at - 8)
      }
      case BINARY: {
        const length = Number(this.varint())
        this.at += length
        return this.bytes.subarray(this.at - length, this.at)
      }
      case LIST:
      case SET: {
        const header = this.bytes.readUInt8(this.at++)
        const size = header >> 4 === 15 ? Number(this.varint()) : header >> 4
        const element = header & 15
        return { element, items: Array.from({ length: size }, () => this.value(element)) }
      }
      case STRUCT:
        return this.struct()
      default:
        if (type > FALSE && type <= I64) return this.zigzag()
        throw new RangeError(`Thrift type ${type} is not used by Parquet`)
    }
  }

  struct(): Struct {
    const fields: Array<Field> = []
    for (let id = 0; ;) {
      const header = this.bytes.readUInt8(this.at++)
      if (header === 0) return fields
      const type = header & 15
      id = header >> 4 === 0 ? Number(this.zigzag()) : id + (header >> 4)
      fields.push({ id, type, value: type === TRUE || type === FALSE ? type === TRUE : this.value(type) })
    }
  }
}

const varint = (value: bigint, out: Array<number>): void => {
  let rest = value
  while (rest > 127n) {
    out.push(Number(rest & 127n) | 128)
    rest >>= 7n
  }
  out.push(Number(rest))
}

const zigzag = (value: bigint, out: Array<number>): void => varint(value >= 0n ? value << 1n : (-value << 1n) - 1n, out)

const isList = (value: Value): value is List => typeof value === "object" && "element" in value

const write = (type: number, value: Value, out: Array<number>): void => {
  if (typeof value === "boolean") out.push(value ? TRUE : FALSE)
  else if (typeof value === "bigint") zigzag(value, out)
  else if (typeof value === "number") {
    if (type === BYTE) out.push(value & 255)
    else {
      const bytes = Buffer.alloc(8)
      bytes.writeDoubleLE(value)
      out.push(...bytes)
    }
  } else if (value instanceof Uint8Array) {
    if (type !== STRUCT) varint(BigInt(value.length), out)
    for (const byte of value) out.push(byte)
  } else if (isList(value)) {
    if (value.items.length < 15) out.push((value.items.length << 4) | value.element)
    else {
      out.push(0xf0 | value.element)
      varint(BigInt(value.items.length), out)
    }
    for (const item of value.items) write(value.element, item, out)
  } else {
    let last = 0
    for (const field of value) {
      const step = field.id - last
      const wire = typeof field.value === "boolean" ? (field.value ? TRUE : FALSE) : field.type
      if (step > 0 && step < 16) out.push((step << 4) | wire)
      else {
        out.push(wire)
        zigzag(BigInt(field.id), out)
      }
      if (typeof field.value !== "boolean") write(wire, field.value, out)
      last = field.id
    }
    out.push(0)
  }
}

/** Reads one struct; throws a RangeError when the bytes are none. */
export const readStruct = (bytes: Uint8Array): Struct => new Reader(bytes).struct()

/** Writes one struct. */
export const writeStruct = (struct: Struct): Uint8Array => {
  const out: Array<number> = []
  write(STRUCT, struct, out)
  return Uint8Array.from(out)
}
