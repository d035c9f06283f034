import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { readdirSync, readFileSync } from "node:fs"
import { read } from "./reading.ts"

const suite = (verdict: "good" | "bad") => {
  const folder = new URL(`./fixtures/geojson-check/${verdict}/`, import.meta.url)
  return readdirSync(folder).map((name) => ({ name, bytes: readFileSync(new URL(name, folder)) }))
}

describe("the files of check-geojson", () => {
  it.effect("are read without a reject when they are good", () =>
    Effect.gen(function* () {
      const files = suite("good")
      assert.strictEqual(files.length, 17)
      for (const { name, bytes } of files) {
        const { main, rejects } = yield* read(bytes)
        const parsed = JSON.parse(bytes.toString()) as { readonly features?: ReadonlyArray<unknown> }
        assert.deepStrictEqual([main.length, rejects.length], [parsed.features?.length ?? 1, 0], name)
      }
    }),
  )

  it.effect("are refused, or lose their bad features, when they are bad", () =>
    Effect.gen(function* () {
      const files = suite("bad")
      assert.strictEqual(files.length, 42)
      for (const { name, bytes } of files) {
        const result = yield* Effect.result(read(bytes))
        if (Result.isFailure(result)) assert.strictEqual(result.failure._tag, "FormatError", name)
        else {
          const { features } = JSON.parse(bytes.toString()) as { readonly features: ReadonlyArray<unknown> }
          assert.isNotEmpty(result.success.rejects, name)
          assert.strictEqual(result.success.main.length + result.success.rejects.length, features.length, name)
          for (const { raw, message } of result.success.rejects)
            assert.isTrue(raw !== "" && message !== undefined, name)
        }
      }
    }),
  )
})
