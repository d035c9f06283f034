import { assert, describe, it } from "@effect/vitest"
import { watchedFile } from "@opendatahub-sql/core/testing"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { formatOf, read } from "./reading.ts"

const MB = 1_048_576
/** Bytes that were read before the refusal of an endless document: `start`, then `filling` for ever. */
const readOf = Effect.fnUntraced(function* (start: string, filling: string, megabytes = 64) {
  const chunk = Buffer.alloc(MB, filling)
  const { bytesRead, file } = watchedFile("endless.xml", [
    Buffer.from(start),
    ...Array.from({ length: megabytes }, () => chunk),
  ])
  const format = yield* formatOf()
  const error = yield* Effect.flip(Stream.runDrain(format.read(file)))
  assert.strictEqual(error._tag, "FormatError")
  return { message: error.message, bytesRead: bytesRead() }
})

describe("documents made to exhaust a reader", () => {
  it.effect(
    "are refused at a cap of the tag: a giant attribute, a giant name, a giant document type",
    () =>
      Effect.gen(function* () {
        for (const start of ['<a><b c="', "<a><b", "<!DOCTYPE a ["]) {
          const { bytesRead, message } = yield* readOf(start, "x")
          assert.match(message, /of more than 16777216 characters/, start)
          assert.isAtMost(bytesRead, 36 * MB, `${start}: ${message}`)
        }
      }),
    300_000,
  )

  it.effect("are read once and not kept where nothing in them counts: an endless comment, an endless instruction", () =>
    Effect.gen(function* () {
      for (const start of ["<a><!-- ", "<a><?x "]) {
        const { bytesRead, message } = yield* readOf(start, "x", 16)
        assert.include(message, "cut short")
        assert.isAtMost(bytesRead, 2 * 17 * MB)
      }
    }),
  )

  it.effect("are refused at a cap of their number: attributes of an element, elements within elements", () =>
    Effect.gen(function* () {
      const attributes = Array.from({ length: 20_000 }, (_, n) => ` a${n}="1"`).join("")
      assert.match((yield* Effect.flip(read(`<a><b${attributes}/></a>`))).message, /more than 10000 attributes/)
      assert.match((yield* Effect.flip(read("<a>".repeat(1_000_000)))).message, /beyond 256/)
    }),
  )

  it.effect(
    "cost no more than their bytes: names that are all different, a text of many references, parameter entities",
    () =>
      Effect.gen(function* () {
        const names = Array.from({ length: 50_000 }, (_, n) => `<n${n}>1</n${n}>`).join("")
        const wide = yield* read(`<l><r>${names}</r><r><n1>2</n1></r></l>`)
        assert.isAtMost(wide.tables["main"]?.columns.length ?? 0, 1_001)
        const references = yield* read(`<l><v>${"&lt;".repeat(500_000)}</v><v>2</v></l>`)
        assert.strictEqual(String(references.rows["main"]?.[0]?.["v"]).length, 500_000)
        const parameters =
          '<!DOCTYPE l [<!ENTITY % a "x"><!ENTITY % b "%a;%a;%a;%a;"><!ENTITY % c "%b;%b;%b;%b;"> %c;]>'
        assert.deepStrictEqual((yield* read(`${parameters}<l><v>1</v><v>2</v></l>`)).rows["main"], [
          { v: "1" },
          { v: "2" },
        ])
      }),
  )
})
