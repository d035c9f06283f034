/** Avro's binary encoding (Avro 1.12, "Binary encoding"), written. */
import type { Long } from "../values/json.ts"
import { type AvroSchema, isUnion, type NamedTypes } from "./schema.ts"

class Writer {
  private bytes = Buffer.allocUnsafe(1 << 14)
  private size = 0

  private reserve(count: number): void {
    if (this.size + count <= this.bytes.length) return
    const larger = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.size + count))
    this.bytes.copy(larger, 0, 0, this.size)
    this.bytes = larger
  }

  byte(value: number): void {
    this.reserve(1)
    this.bytes[this.size++] = value
  }

  long(value: Long): void {
    this.reserve(10)
    if (typeof value === "number" && value >= -0x4000_0000 && value < 0x4000_0000) {
      let rest = ((value << 1) ^ (value >> 31)) >>> 0
      for (; rest > 127; rest >>>= 7) this.bytes[this.size++] = (rest & 127) | 128
      this.bytes[this.size++] = rest
      return
    }
    const whole = BigInt(value)
    let rest = BigInt.asUintN(64, (whole << 1n) ^ (whole >> 63n))
    for (; rest > 127n; rest >>= 7n) this.bytes[this.size++] = Number(rest & 127n) | 128
    this.bytes[this.size++] = Number(rest)
  }

  double(value: number): void {
    this.reserve(8)
    this.size = this.bytes.writeDoubleLE(value, this.size)
  }

  float(value: number): void {
    this.reserve(4)
    this.size = this.bytes.writeFloatLE(value, this.size)
  }

  raw(value: Uint8Array): void {
    this.reserve(value.length)
    this.bytes.set(value, this.size)
    this.size += value.length
  }

  block(value: Uint8Array): void {
    this.long(value.length)
    this.raw(value)
  }

  done(): Buffer {
    return this.bytes.subarray(0, this.size)
  }
}

const write = (out: Writer, schema: AvroSchema, value: unknown, names: NamedTypes): void => {
  if (isUnion(schema)) {
    const branch = schema.findIndex((one) => (one === "null") === (value === null || value === undefined))
    const chosen = schema[branch]
    if (chosen === undefined) throw new RangeError(`Avro: ${String(value)} fits none of ${JSON.stringify(schema)}`)
    out.long(branch)
    if (chosen !== "null") write(out, chosen, value, names)
    return
  }
  const type = typeof schema === "string" ? schema : schema.type
  if (typeof type !== "string") {
    write(out, type, value, names)
    return
  }
  switch (type) {
    case "null":
      return
    case "boolean":
      out.byte(value === true ? 1 : 0)
      return
    case "int":
    case "long":
      out.long(value as Long)
      return
    case "float":
      out.float(value as number)
      return
    case "double":
      out.double(value as number)
      return
    case "string":
      out.block(Buffer.from(value as string))
      return
    case "bytes":
      out.block(value as Uint8Array)
      return
    case "fixed":
      out.raw(value as Uint8Array)
      return
    default:
  }
  if (typeof schema === "object" && "fields" in schema) {
    const record = value as Readonly<Record<string, unknown>>
    for (const field of schema.fields) write(out, field.type, record[field.name], names)
  } else if (typeof schema === "object" && "items" in schema) {
    const items = value as ReadonlyArray<unknown>
    if (items.length > 0) {
      out.long(items.length)
      for (const item of items) write(out, schema.items, item, names)
    }
    out.long(0)
  } else if (typeof schema === "object" && "values" in schema) {
    const entries = Object.entries(value as Readonly<Record<string, unknown>>)
    if (entries.length > 0) {
      out.long(entries.length)
      for (const [key, entry] of entries) {
        out.block(Buffer.from(key))
        write(out, schema.values, entry, names)
      }
    }
    out.long(0)
  } else if (typeof schema === "object" && "symbols" in schema) {
    out.long(schema.symbols.indexOf(value as string))
  } else {
    const named = names.get(type)
    if (named === undefined) throw new RangeError(`Avro: the type "${type}" is not known`)
    write(out, named, value, names)
  }
}

/** One or several values after each other. Throws a RangeError when a value does not fit. */
export const encodeValues = (schema: AvroSchema, values: ReadonlyArray<unknown>, names: NamedTypes): Buffer => {
  const out = new Writer()
  for (const value of values) write(out, schema, value, names)
  return out.done()
}
