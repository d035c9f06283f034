/** Avro's binary encoding, read. Longs that a double cannot hold come as bigint. */
import { asLong, type Long } from "../values/json.ts"
import { type AvroSchema, isUnion, type NamedTypes } from "./schema.ts"

/** A position in bytes that only moves forward. */
export class Reader {
  private readonly bytes: Buffer
  private at = 0

  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get isAtEnd(): boolean {
    return this.at >= this.bytes.length
  }

  byte(): number {
    return this.bytes.readUInt8(this.at++)
  }

  long(): Long {
    // Up to four bytes fit the integers of JavaScript's bit operations; most values do.
    let small = 0
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.byte()
      small |= (byte & 127) << shift
      if (byte < 128) return (small >>> 1) ^ -(small & 1)
    }
    let value = BigInt(small)
    for (let shift = 28n; ; shift += 7n) {
      if (shift > 63n) throw new RangeError("Avro: a number has more than 64 bits")
      const byte = this.byte()
      value |= BigInt(byte & 127) << shift
      if (byte < 128) return asLong(BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n)))
    }
  }

  count(): number {
    return Number(this.long())
  }

  raw(length: number): Buffer {
    if (length < 0 || this.at + length > this.bytes.length) throw new RangeError("Avro: the file ends within a value")
    this.at += length
    return this.bytes.subarray(this.at - length, this.at)
  }

  block(): Buffer {
    return this.raw(this.count())
  }
}

const readBlocks = (input: Reader, one: () => void): void => {
  for (;;) {
    const count = input.count()
    if (count === 0) return
    // A negative count is followed by the size of the block in bytes.
    if (count < 0) input.long()
    for (let left = Math.abs(count); left > 0; left--) one()
  }
}

/** Reads one value. Throws a RangeError when the bytes are none. */
export const readValue = (input: Reader, schema: AvroSchema, names: NamedTypes): unknown => {
  if (isUnion(schema)) {
    const branch = schema[input.count()]
    if (branch === undefined) throw new RangeError("Avro: a union has no such branch")
    return readValue(input, branch, names)
  }
  const type = typeof schema === "string" ? schema : schema.type
  if (typeof type !== "string") return readValue(input, type, names)
  switch (type) {
    case "null":
      return null
    case "boolean":
      return input.byte() === 1
    case "int":
    case "long":
      return input.long()
    case "float":
      return input.raw(4).readFloatLE()
    case "double":
      return input.raw(8).readDoubleLE()
    case "string":
      return input.block().toString("utf8")
    case "bytes":
      return input.block()
    default:
  }
  if (typeof schema === "object") {
    if ("fields" in schema) {
      return Object.fromEntries(schema.fields.map((field) => [field.name, readValue(input, field.type, names)]))
    }
    if ("items" in schema) {
      const items: Array<unknown> = []
      readBlocks(input, () => items.push(readValue(input, schema.items, names)))
      return items
    }
    if ("values" in schema) {
      const entries: Array<readonly [string, unknown]> = []
      readBlocks(input, () => entries.push([input.block().toString("utf8"), readValue(input, schema.values, names)]))
      return Object.fromEntries(entries)
    }
    if ("size" in schema) return input.raw(schema.size)
    if ("symbols" in schema) return schema.symbols[input.count()]
  }
  const named = names.get(type)
  if (named === undefined) throw new RangeError(`Avro: the type "${type}" is not known`)
  return readValue(input, named, names)
}
