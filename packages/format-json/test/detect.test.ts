import { assert, describe, it } from "@effect/vitest"
import type { Probe } from "@opendatahub-sql/core"
import { readdirSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { detects } from "../src/detect.ts"
import { corpus } from "./reading.ts"

const probeOf = (head: Uint8Array | string, name = "file", more: Partial<Probe> = {}): Probe => {
  const bytes = Buffer.from(head as string)
  return {
    name,
    mediaType: undefined,
    declared: undefined,
    size: bytes.length,
    head: bytes.subarray(0, 65_536),
    tail: new Uint8Array(0),
    members: undefined,
    siblings: [],
    ...more,
  }
}

describe("detects", () => {
  it("takes every JSON file of the corpus by its bytes, and no other file", () => {
    const folder = fileURLToPath(new URL("../../../fixtures/corpus/", import.meta.url))
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue
      const path = `${entry.parentPath.slice(folder.length)}/${entry.name}`
      assert.strictEqual(detects(probeOf(corpus(path))) >= 0.9, /\.(?:json|geojson)$/.test(path), path)
    }
  })

  const yes: ReadonlyArray<string | Uint8Array> = [
    "[]",
    '  {"a":1}',
    "\ufeff[1,2]",
    '{"a":1}\n{"a":2}\n',
    '{"a":"cut in the mid',
    '[{"a":1},{"a":',
    '{"a":1}{"b":2}',
    Buffer.from('[{"a":1}]', "utf16le"),
    '{"a":\n{',
    "{}",
  ]
  for (const head of yes)
    it(`says yes to ${JSON.stringify(head.toString())}`, () => assert.strictEqual(detects(probeOf(head)), 0.9))

  const no = [
    "",
    "   ",
    "<html>",
    "a;b\n1;2\n",
    "{\\rtf1\\ansi}",
    "[section]\nkey=1\n",
    "{{mustache}}",
    "[1] note, with words",
    "PK\u0003\u0004",
    '"a";"b"\n"1";"2"\n',
    "123",
  ]
  for (const head of no)
    it(`leaves ${JSON.stringify(head)} to others`, () => assert.isAtMost(detects(probeOf(head)), 0.1))

  it("claims damaged JSON that calls itself JSON, so that the error names the place; no page or table that does", () => {
    for (const more of [{ declared: "json" }, { mediaType: "application/json; charset=utf-8" }, { name: "a.NDJSON" }]) {
      assert.strictEqual(detects(probeOf('{"a":1,}}}', "a", more)), 0.6)
      assert.strictEqual(detects(probeOf('"a string"', "a", more)), 0.5)
      assert.strictEqual(detects(probeOf("<html>", "a", more)), 0)
      assert.strictEqual(detects(probeOf("nom;prix\n1;2\n", "a", more)), 0)
    }
  })
})
