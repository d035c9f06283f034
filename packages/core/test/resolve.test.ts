import { assert, describe, it } from "@effect/vitest"
import { type Configured, defineProfile, type Format, FormatError, resolve } from "@opendatahub-sql/core"
import { memoryFile } from "@opendatahub-sql/core/testing"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { aFormat, box, boxOf } from "./a-reader.ts"

const csv = aFormat("csv", "a;b")
const json = aFormat("json", "{")

const readersOf = (more: ReadonlyArray<Configured<Format>>) =>
  Effect.all([box().decode, csv().decode, json().decode, ...more.map((one) => one.decode)])
const resolved = (name: string, text: string, ...more: ReadonlyArray<Configured<Format>>) =>
  Effect.flatMap(readersOf(more), (readers) => Effect.scoped(resolve(memoryFile(name, text), undefined, readers)))
const refusal = (name: string, text: string) =>
  Effect.map(Effect.flip(resolved(name, text)), (error) => {
    assert.instanceOf(error, FormatError)
    return { reason: error.reason._tag, message: error.message }
  })

describe("the files behind a file", () => {
  it.effect("a file is read by the format that is surest of its bytes, whatever its name", () =>
    Effect.gen(function* () {
      const { leaves, skipped } = yield* resolved("data.json", "a;b\n1;2\n")
      assert.deepStrictEqual(
        leaves.map((leaf) => [leaf.format.id, leaf.member]),
        [["csv", ""]],
      )
      assert.deepStrictEqual(skipped, [])
    }),
  )

  it.effect("an archive gives its members in the order of their names, through nested archives", () =>
    Effect.gen(function* () {
      const { leaves } = yield* resolved(
        "all.box",
        boxOf({ "z.csv": "a;b\n", "in.box": boxOf({ "deep.json": "{}" }), "a.csv": "a;b\n" }),
      )
      assert.deepStrictEqual(
        leaves.map((leaf) => [leaf.member, leaf.format.id, leaf.readers.map((reader) => reader.id)]),
        [
          ["a.csv", "csv", ["box", "csv"]],
          ["in.box!deep.json", "json", ["box", "box", "json"]],
          ["z.csv", "csv", ["box", "csv"]],
        ],
      )
    }),
  )

  it.effect("members that nobody reads are told, with the reason, and do not stop the others", () =>
    Effect.gen(function* () {
      const { leaves, skipped } = yield* resolved(
        "all.box",
        boxOf({ "a.csv": "a;b\n", "lisezmoi.pdf": "%PDF-1.4", __meta: "x", "empty.csv": "" }),
      )
      assert.deepStrictEqual(
        leaves.map((leaf) => leaf.member),
        ["a.csv"],
      )
      assert.deepStrictEqual(skipped.map((member) => member.name).toSorted(), ["__meta", "empty.csv", "lisezmoi.pdf"])
      assert.include(skipped.find((member) => member.name === "lisezmoi.pdf")?.why, "PDF")
    }),
  )

  it.effect("archives in archives end at a depth, with a word", () =>
    Effect.gen(function* () {
      const nest = (depth: number): string =>
        depth === 0 ? "a;b\n" : boxOf({ [depth === 1 ? "x.csv" : "x.box"]: nest(depth - 1) })
      assert.lengthOf((yield* resolved("x.box", nest(16))).leaves, 1)
      assert.include((yield* refusal("x.box", nest(18))).message, "nested deeper than 16")
    }),
  )

  it.effect("a format that knows the members by name takes the archive whole", () =>
    Effect.gen(function* () {
      const gtfs = aFormat("gtfs", "never", { members: ["stops.txt", "trips.txt"] })
      const { leaves } = yield* resolved("feed.box", boxOf({ "stops.txt": "a;b", "trips.txt": "a;b" }), gtfs())
      assert.deepStrictEqual(
        leaves.map((leaf) => [leaf.format.id, leaf.member]),
        [["gtfs", ""]],
      )
      assert.lengthOf((yield* resolved("feed.box", boxOf({ "stops.txt": "a;b" }), gtfs())).leaves, 1)
    }),
  )

  it.effect("a member whose bytes are bad is told and does not hide the others; alone, it is the error", () =>
    Effect.gen(function* () {
      const { leaves, skipped } = yield* resolved("x.box", boxOf({ "in.box": "BOX:?", "a.csv": "a;b" }))
      assert.deepStrictEqual(
        leaves.map((leaf) => leaf.member),
        ["a.csv"],
      )
      assert.deepStrictEqual(skipped, [{ name: "in.box", code: "unreadable-member", why: "in.box is damaged" }])
      assert.deepStrictEqual(yield* refusal("x.box", boxOf({ "in.box": "BOX:?" })), {
        reason: "DataQuality",
        message: "in.box is damaged",
      })
    }),
  )

  it.effect("a profile tells what a member is declared as, and its table and types; others are read as ever", () =>
    Effect.gen(function* () {
      const profile = defineProfile({
        id: "feed",
        apiVersion: 1,
        fingerprint: 1,
        config: Schema.toStandardSchemaV1(Schema.Struct({})),
        detects: (members) => (members.includes("stops.txt") ? 1 : 0),
        describes: (member) =>
          member === "stops.txt" ? { table: "stops", format: "csv", columns: { id: "text" } } : undefined,
      })
      const readers = [...(yield* readersOf([])), yield* profile().decode]
      const leavesOf = (members: Readonly<Record<string, string>>) =>
        Effect.map(Effect.scoped(resolve(memoryFile("feed.box", boxOf(members)), undefined, readers)), ({ leaves }) =>
          leaves.map(({ member, readers, profile }) => [member, readers.map(({ id }) => id), profile]),
        )
      assert.deepStrictEqual(yield* leavesOf({ "stops.txt": "a;b", "more.txt": "a;b" }), [
        ["more.txt", ["box", "feed", "csv"], undefined],
        ["stops.txt", ["box", "feed", "csv"], { table: "stops", format: "csv", columns: { id: "text" } }],
      ])
      assert.deepStrictEqual(yield* leavesOf({ "other.txt": "a;b" }), [["other.txt", ["box", "csv"], undefined]])
    }),
  )

  it.effect("an archive that is broken fails as a whole", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* refusal("x.box", 'BOX:{"a.csv'), { reason: "Terminal", message: "x.box is cut" })
    }),
  )

  it.effect("an error inside a member's own archive is not taken for an unknown format", () =>
    Effect.gen(function* () {
      assert.include((yield* refusal("x.box", boxOf({ "in.box": "BOX:{", "a.csv": "a;b" }))).message, "is cut")
    }),
  )

  it.effect("bytes that no format knows are refused as data, with what they are", () =>
    Effect.gen(function* () {
      const cases: ReadonlyArray<readonly [string, string]> = [
        ["", "the file is empty"],
        ["  \n ", "only blanks"],
        ["\n<!DOCTYPE html><html><body>503</body></html>", "an HTML page"],
        ['<html lang="fr">', "an HTML page"],
        ["%PDF-1.7", "a PDF document"],
        ["PK\u0003\u0004", "a zip archive"],
        ["BZh91AY", "bzip2"],
        ["Rar!\u001a\u0007", "ask the publisher for a zip"],
        ["7zip", "not recognised"],
        [`${"\u0000".repeat(257)}ustar`, "a tar archive"],
        ['<?xml version="1.0"?><a/>', "XML"],
        ["\u0000\u0001", "not recognised"],
      ]
      for (const [text, words] of cases) {
        const { reason, message } = yield* refusal("file.csv", text)
        assert.strictEqual(reason, "DataQuality")
        assert.include(message, words)
        assert.include(message, "file.csv")
      }
    }),
  )

  it.effect("archives of other kinds are named, with a way out", () =>
    Effect.gen(function* () {
      const cases: ReadonlyArray<readonly [ReadonlyArray<number>, string]> = [
        [[0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c, 0, 4], "a 7z archive: ask the publisher for a zip"],
        [[0xfd, 0x37, 0x7a, 0x58, 0x5a, 0], "xz: unpack it, or ask the publisher for a zip (`xz -d`)"],
        [[0x28, 0xb5, 0x2f, 0xfd], "zstd"],
        [[0x1f, 0x9d, 0x90], ".Z"],
      ]
      for (const [bytes, words] of cases) {
        const error = yield* Effect.flatMap(readersOf([]), (readers) =>
          Effect.flip(Effect.scoped(resolve(memoryFile("file.csv", Uint8Array.from(bytes)), undefined, readers))),
        )
        assert.include(error.message, words)
      }
    }),
  )

  it.effect("an archive without any data says what is in it", () =>
    Effect.gen(function* () {
      const { reason, message } = yield* refusal("x.box", boxOf({ "a.pdf": "%PDF", "b.html": "<html>" }))
      assert.strictEqual(reason, "DataQuality")
      assert.include(message, "a.pdf")
      assert.include(message, "b.html")
    }),
  )
})
