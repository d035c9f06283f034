import { assert, describe, it } from "@effect/vitest"
import { defaultTableSettings, type Format, type TableSettings } from "@opendatahub-sql/core"
import { memoryFile } from "@opendatahub-sql/core/testing"
import * as Effect from "effect/Effect"
import { loadKey, readingFingerprint, refusalKey } from "../src/pipeline/load/load-key.ts"
import type { Leaf } from "../src/pipeline/read/resolve.ts"
import { aFormat } from "./a-reader.ts"
import { anExtraction } from "./a-resource.ts"

const leaf = (format: Format, member = ""): Leaf => ({
  file: memoryFile("a.csv", "a"),
  format,
  member,
  readers: [format],
})
const csv = (fingerprint: number, options: { readonly delimiter?: string } = {}) =>
  aFormat("csv", "a", { fingerprint })(options).decode

describe("the key of a load", () => {
  const key = (more: Parameters<typeof anExtraction>[0] = {}, reading = "reading", target = "duckdb:a") =>
    loadKey(anExtraction(more), reading, target)
  const { resource, file } = anExtraction()

  it("is the same for the same load, and tells of no title, URL or time of writing", () => {
    assert.strictEqual(key(), key())
    assert.match(key(), /^[0-9a-f]{64}$/)
    assert.strictEqual(
      key({
        resource: { ...resource, title: "renamed.csv", url: "https://elsewhere.fr/" },
        writtenBy: "another version",
      }),
      key(),
    )
  })

  it("changes with the resource, the extraction, the bytes, a sibling's bytes, the reading and the destination", () => {
    const keys = [
      key(),
      key({ resource: { ...resource, id: "r2" } }),
      key({ resource: { ...resource, source: "other" } }),
      key({ resource: { ...resource, dataset: { ...resource.dataset, id: "d2" } } }),
      key({ extractedAt: "2026-01-02T00:00:00.000Z" }),
      key({ file: { ...file, sha256: "b".repeat(64) } }),
      key({ siblings: { dbf: file } }),
      key({ siblings: { dbf: { ...file, sha256: "c".repeat(64) } } }),
      key({}, "another reading"),
      key({}, "reading", "duckdb:b"),
    ]
    assert.strictEqual(new Set(keys).size, keys.length)
  })

  it("does not depend on the order in which siblings were fetched", () => {
    const other = { ...file, sha256: "b".repeat(64) }
    assert.strictEqual(key({ siblings: { dbf: file, prj: other } }), key({ siblings: { prj: other, dbf: file } }))
  })
})

describe("the fingerprint of a reading", () => {
  it.effect(
    "changes with a reader's fingerprint and options, the engine's, the table, pinned columns and tolerance",
    () =>
      Effect.gen(function* () {
        const [one, two, semicolon] = [yield* csv(1), yield* csv(2), yield* csv(1, { delimiter: ";" })]
        const prints = [
          readingFingerprint([leaf(one)], 1, "t", defaultTableSettings),
          readingFingerprint([leaf(two)], 1, "t", defaultTableSettings),
          readingFingerprint([leaf(one)], 2, "t", defaultTableSettings),
          readingFingerprint([leaf(semicolon)], 1, "t", defaultTableSettings),
          readingFingerprint([leaf(one)], 1, "u", defaultTableSettings),
          readingFingerprint([leaf(one)], 1, "t", { ...defaultTableSettings, columns: { code: "text" } }),
          readingFingerprint([leaf(one)], 1, "t", { ...defaultTableSettings, tolerance: 1 }),
        ]
        assert.strictEqual(new Set(prints).size, prints.length)
      }),
  )

  it.effect("does not depend on how many members there are, nor on the order of pinned columns", () =>
    Effect.gen(function* () {
      const format = yield* csv(1)
      const pinned = (columns: Readonly<Record<string, "text">>) =>
        readingFingerprint([leaf(format)], 1, "t", { ...defaultTableSettings, columns })
      assert.strictEqual(pinned({ a: "text", b: "text" }), pinned({ b: "text", a: "text" }))
      assert.strictEqual(
        readingFingerprint([leaf(format, "a"), leaf(format, "b")], 1, "t", defaultTableSettings),
        readingFingerprint([leaf(format, "b"), leaf(format, "a")], 1, "t", defaultTableSettings),
      )
    }),
  )

  it.effect("a refusal is asked again when any configured reader changes, the engine, or a setting of the table", () =>
    Effect.gen(function* () {
      const [one, two] = [yield* csv(1), yield* csv(2)]
      const key = (readers: ReadonlyArray<Format>, engine = 1, settings: Partial<TableSettings> = {}) =>
        refusalKey(
          anExtraction(),
          { readers, settings: () => ({ ...defaultTableSettings, ...settings }) },
          engine,
          "t",
          "duckdb:a",
          false,
        )
      const options = { readers: [one], settings: () => defaultTableSettings }
      const refused = [
        key([one]),
        key([two]),
        key([one, two]),
        key([one], 2),
        key([one], 1, { onSchemaChange: "quarantine" }),
        refusalKey(anExtraction(), options, 1, "t", "duckdb:b", false),
        refusalKey(anExtraction(), options, 1, "u", "duckdb:a", false),
        refusalKey(anExtraction(), options, 1, "t", "duckdb:a", true),
      ]
      assert.strictEqual(new Set(refused).size, refused.length)
    }),
  )
})
