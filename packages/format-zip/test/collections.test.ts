import { assert, describe, it } from "@effect/vitest"
import type { Configured, Container, RawFile } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { bzip2, tar, zip } from "../src/index.ts"
import { bytesOf, expandAll, fileAt, nth, sha256Of } from "./expanding.ts"
import golden from "./fixtures/golden/collections.json" with { type: "json" }

type Members = Readonly<Record<string, ReadonlyArray<number | string>>>
const collections: Readonly<Record<string, Members | string>> = golden

const at = (path: string): RawFile => fileAt(fileURLToPath(new URL(`./fixtures/${path}`, import.meta.url)))

/** What we read differently from Python, and why. */
const ours: Readonly<Record<string, string>> = {
  // Go and Info-ZIP read on where Python stops.
  "go/zip/comment-truncated.zip": "FILE",
  "go/zip/test-badbase.zip": "test.txt",
  "go/zip/test-baddirsz.zip": "test.txt",
  // Names: UTF-8 without a word; GNU's headers have times where ustar has the beginning of a path; an empty path is none.
  "go/zip/utf8-osx.zip": "世界",
  "go/tar/gnu-incremental.tar": "test2/foo",
  "go/tar/invalid-go17.tar": "foo",
  "go/tar/pax-global-records.tar": "file2",
  // A folder, where backslashes are slashes.
  "python/zipdir_backslash.zip": "a/b/c",
  // Python takes a damaged header for the end, and data that is missing for none.
  "go/tar/pax-bad-hdr-file.tar": "a pax header is damaged",
  "go/tar/pax-pos-size-file.tar": "a pax header has no size",
  "go/tar/pax-path-hdr.tar": "cut short",
  "go/tar/issue10968.tar": "a header has no size",
  "go/tar/neg-size.tar": "a header has no size",
  "go/tar/writer-big.tar": "cut short",
  "go/tar/writer-big-long.tar": "cut short",
  // A bomb to us: 569 bytes that unpack to 10 MB.
  "go/tar/gnu-sparse-many-zeros.tar.bz2": "maxRatio",
  "go/tar/pax-bad-hdr-large.tar.bz2": "a text in a header is too long",
}

const containerOf = (path: string): Configured<Container> =>
  path.includes(".bz2") ? bzip2() : path.endsWith(".tar") ? tar() : zip()

const read = Effect.fnUntraced(function* (path: string) {
  const outer = yield* expandAll(containerOf(path), at(path))
  const { members, skipped } = path.endsWith(".tar.bz2") ? yield* expandAll(tar(), nth(outer.members)) : outer
  const found: Record<string, ReadonlyArray<number | string>> = {}
  for (const member of members) {
    const bytes = yield* bytesOf(member)
    found[member.name] = [bytes.length, sha256Of(bytes)]
  }
  return { found, skipped: skipped.map(({ name }) => name) }
})

describe("public collections of odd archives are read as Python reads them, or refused", () => {
  for (const [path, expected] of Object.entries(collections)) {
    it.effect(path, () =>
      Effect.gen(function* () {
        const result = yield* Effect.result(read(path))
        const said = ours[path]
        if (Result.isFailure(result)) {
          assert.strictEqual(result.failure._tag, "FormatError")
          assert.strictEqual(result.failure.reason._tag, "DataQuality")
          assert.include(result.failure.message, said ?? (typeof expected === "string" ? "" : "no refusal expected"))
          return
        }
        const { found, skipped } = result.success
        if (said !== undefined) {
          assert.property(found, said)
          return
        }
        if (typeof expected === "string") throw new Error(`Python ${expected}`)
        // What is left out is told; of a name that occurs twice, Python's comparison has the first.
        const missing = Object.entries(expected).filter(
          ([name, entry]) =>
            !skipped.includes(name) && JSON.stringify(found[name.replace(/^\.\//, "")]) !== JSON.stringify(entry),
        )
        assert.deepStrictEqual(missing, [])
        const more = Object.keys(found).filter((name) => !/ \(\d+\)(\.|$)/.test(name) && !Object.hasOwn(expected, name))
        assert.deepStrictEqual(more, [])
      }).pipe(Effect.scoped),
    )
  }

  it("are there", () => {
    assert.isAbove(Object.keys(collections).length, 80)
    assert.include(readFileSync(new URL("./fixtures/go/ORIGIN.txt", import.meta.url), "utf8"), "BSD-3-Clause")
  })
})
