import { assert, describe, it } from "@effect/vitest"
import { misfitCode, rawText, rejectCodes, rejectColumns } from "@opendatahub-sql/core"
import { readFileSync } from "node:fs"

const page = readFileSync(new URL("../../../docs/spec/rejects.md", import.meta.url), "utf8")

describe("rejects", () => {
  it("are documented: every code with its kind and meaning, in the order of the list, and every column", () => {
    const documented = [...page.matchAll(/^\| `([a-z0-9-]+)` \| (row|cell|member) \| ([^|]+) \|/gm)].map((match) =>
      match.slice(1),
    )
    assert.deepStrictEqual(
      documented,
      Object.entries(rejectCodes).map(([code, { kind, means }]) => [code, kind, means]),
    )
    for (const column of Object.keys(rejectColumns)) assert.include(page, `\`${column}\``)
  })

  it("have a code for every type that a value can miss", () => {
    for (const type of [
      "boolean",
      "bigint",
      "double",
      "date",
      "time",
      "timestamp",
      "timestamptz",
      "json",
      "blob",
      "text",
    ] as const)
      assert.isDefined(rejectCodes[misfitCode(type)])
    assert.strictEqual(misfitCode("decimal(18,2)"), "not-decimal")
  })

  it("keep ten thousand characters of raw text", () => {
    assert.strictEqual(rawText("é".repeat(10_000)), "é".repeat(10_000))
    assert.strictEqual(rawText("é".repeat(10_001)), `${"é".repeat(10_000)}…`)
  })
})
