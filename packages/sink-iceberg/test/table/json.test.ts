import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { formatJson, parseJson } from "../../src/table/values/json.ts"

describe("JSON", () => {
  it("keeps integers beyond 2^53, as other writers' snapshot ids are", () => {
    const text = `{"current-snapshot-id":7556600211296976069,"timestamp-ms":1763769600123,"x":-1,"d":0.5,"s":"7556600211296976069"}`
    const value = parseJson(text) as Readonly<Record<string, unknown>>
    assert.strictEqual(value["current-snapshot-id"], 7556600211296976069n)
    assert.strictEqual(value["timestamp-ms"], 1763769600123)
    assert.strictEqual(formatJson(value), text)
  })

  it("gives back any integer of 64 bits", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
        assert.strictEqual(BigInt((parseJson(formatJson({ value })) as { readonly value: number }).value), value)
      }),
    )
  })
})
