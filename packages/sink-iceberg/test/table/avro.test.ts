import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { deflateRawSync } from "node:zlib"
import { readAvro, writeAvro } from "../../src/table/avro/container.ts"
import type { AvroSchema } from "../../src/table/avro/schema.ts"

const schema: AvroSchema = {
  type: "record",
  name: "row",
  fields: [
    { name: "id", type: "long" },
    { name: "maybe", type: ["null", "long"] },
    { name: "late", type: ["string", "null"] },
    { name: "text", type: "string" },
    { name: "bytes", type: "bytes" },
    { name: "yes", type: "boolean" },
    { name: "d", type: "double" },
    {
      name: "list",
      type: { type: "array", items: { type: "record", name: "pair", fields: [{ name: "key", type: "int" }] } },
    },
    { name: "map", type: { type: "map", values: "string" } },
    { name: "kind", type: { type: "enum", name: "kind", symbols: ["a", "b"] } },
    { name: "fix", type: { type: "fixed", name: "fix", size: 3 } },
    { name: "again", type: ["null", "pair"] },
  ],
}

const long = fc
  .bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
  .map((value) => (BigInt(Number(value)) === value && Number.isSafeInteger(Number(value)) ? Number(value) : value))

const row = fc.record({
  id: long,
  maybe: fc.option(long),
  late: fc.option(fc.string({ unit: "grapheme" })),
  text: fc.string({ unit: "grapheme" }),
  bytes: fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  yes: fc.boolean(),
  d: fc.double({ noNaN: true }),
  list: fc.array(fc.record({ key: fc.integer() })),
  map: fc.dictionary(
    fc.string({ minLength: 1 }).filter((name) => name !== "__proto__"),
    fc.string(),
    { noNullPrototype: true },
  ),
  kind: fc.constantFrom("a", "b"),
  fix: fc.uint8Array({ minLength: 3, maxLength: 3 }).map((bytes) => Buffer.from(bytes)),
  again: fc.option(fc.record({ key: fc.integer() })),
})

describe("Avro files", () => {
  it("give back what was written, every one of 64 bits included", () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 5 }), (records) => {
        const { records: read, attributes } = readAvro(writeAvro({ schema, attributes: { mine: "é" }, records }))
        assert.deepStrictEqual(read, records)
        assert.deepStrictEqual(attributes, { mine: "é" })
      }),
    )
  })

  it("keep the attributes of a schema that they do not know", () => {
    const strange = {
      type: "record",
      name: "r",
      fields: [{ name: "a", type: "int", "field-id": 7, "x-more": [1] }],
    } as const
    assert.deepStrictEqual(
      readAvro(writeAvro({ schema: strange, attributes: {}, records: [{ a: 1 }] })).schema,
      strange,
    )
  })

  it("are refused when they are cut or changed, wherever that is", () => {
    const whole = writeAvro({
      schema: { type: "record", name: "r", fields: [{ name: "a", type: "string" }] },
      attributes: {},
      records: [{ a: "x" }],
    })
    const isRefused = (bytes: Uint8Array): boolean => {
      try {
        return readAvro(bytes).records.length === 1
      } catch (error) {
        return error instanceof RangeError || error instanceof SyntaxError
      }
    }
    const lengths = Array.from({ length: whole.length }, (_, length) => length)
    const taken = lengths.filter((length) => !isRefused(whole.subarray(0, length)))
    // A file that ends where its first block would begin is one without records: the list says how many there should be.
    assert.lengthOf(taken, 1)
    assert.throws(() => readAvro(Buffer.from("PAR1")), /not a container/)
    assert.throws(() => readAvro(Buffer.concat([whole.subarray(0, -1), Buffer.from("?")])), /mark/)
  })

  it("tell which codec they do not know", () => {
    const bytes = writeAvro({ schema: "int", attributes: {}, records: [] })
    const other = Buffer.from(bytes.toString("latin1").replace("deflate", "snappy!"), "latin1")
    const block = deflateRawSync(Buffer.from([2]))
    const sync = bytes.subarray(-16)
    assert.throws(() => readAvro(Buffer.concat([other, Buffer.from([2, block.length * 2]), block, sync])), /snappy!/)
  })
})
