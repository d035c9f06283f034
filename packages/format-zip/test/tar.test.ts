import { assert, describe, it } from "@effect/vitest"
import { type FormatError, WorkFolder } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { gzip, tar } from "../src/index.ts"
import { bytesOf, expandAll, fileAt, fileWith, nth, sha256Of } from "./expanding.ts"
import { pax, writeTar, type Written } from "./tar-writer.ts"

const opened = Effect.fnUntraced(function* (entries: ReadonlyArray<Written>, end = true) {
  const { members, skipped } = yield* expandAll(tar(), yield* fileWith(writeTar(entries, end), "x.tar"))
  const read = yield* Effect.forEach(members, (member) =>
    Effect.map(bytesOf(member), (bytes) => [member.name, bytes.toString()]),
  )
  return { read: Object.fromEntries(read) as Readonly<Record<string, string>>, skipped }
})
const refused = (entries: ReadonlyArray<Written>, options?: Parameters<typeof tar>[0]) =>
  Effect.gen(function* () {
    const { members } = yield* expandAll(tar(options), yield* fileWith(writeTar(entries), "x.tar"))
    for (const member of members) yield* bytesOf(member)
  }).pipe(
    Effect.scoped,
    Effect.flip,
    Effect.map((error) => error as FormatError),
  )
const temporary = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "odh-tar-test-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true })),
)

describe("tar", () => {
  for (const format of ["v7", "ustar", "gnu", "oldgnu", "pax"]) {
    it.effect(`gives what GNU tar packed as ${format}`, () =>
      Effect.gen(function* () {
        const folder = yield* temporary
        const long = `${"dossier".repeat(8)}/${"fichier".repeat(format === "v7" ? 4 : 9)}.csv`
        const files: Readonly<Record<string, string>> = {
          "a.csv": "a;b\n1;2\n",
          "empty.csv": "",
          "block.csv": "x".repeat(512),
          [long]: "long",
        }
        mkdirSync(join(folder, "in", "dossier".repeat(8)), { recursive: true })
        for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, "in", name), text)
        symlinkSync("/etc/passwd", join(folder, "in", "link.csv"))
        execFileSync("tar", [`--format=${format}`, "-C", join(folder, "in"), "-cf", join(folder, "x.tar"), "."])
        const { members, skipped } = yield* expandAll(tar(), fileAt(join(folder, "x.tar")))
        const read = yield* Effect.forEach(members, (member) =>
          Effect.map(bytesOf(member), (bytes) => [member.name, bytes.toString()] as const),
        )
        assert.deepStrictEqual(read.toSorted(), Object.entries(files).toSorted())
        assert.deepStrictEqual(skipped, [{ name: "link.csv", why: "a symbolic link", code: "unsafe-member" }])
      }).pipe(Effect.scoped),
    )
  }

  it.effect("in gzip is spooled once under a name of ours, its members are read in part, and nothing is left", () =>
    Effect.gen(function* () {
      const folder = yield* temporary
      const text = "0123456789".repeat(100_000)
      const packed = gzipSync(writeTar([{ name: "../a.csv" }, { name: "b.csv", content: text }]))
      yield* Effect.gen(function* () {
        const inner = nth((yield* expandAll(gzip(), yield* fileWith(packed, "x.tgz"))).members)
        assert.strictEqual(inner.name, "x.tar")
        const { members } = yield* expandAll(tar(), inner)
        assert.strictEqual(readdirSync(folder).length, 1)
        const member = nth(members)
        assert.strictEqual(member.identity, "0123!x.tar!b.csv")
        assert.strictEqual((yield* bytesOf(member, { start: 999_995, end: 2_000_000 })).toString(), "56789")
        assert.strictEqual((yield* bytesOf(member, { start: 5, end: 5 })).length, 0)
        assert.strictEqual(sha256Of(yield* bytesOf(member)), sha256Of(Buffer.from(text)))
      }).pipe(Effect.scoped, Effect.provideService(WorkFolder, folder))
      assert.deepStrictEqual(readdirSync(folder), [])
    }).pipe(Effect.scoped),
  )

  it.effect("takes long names of GNU and pax, whole or for one member, and sizes in pax", () =>
    Effect.gen(function* () {
      const { read } = yield* opened([
        { name: "././@LongLink", type: "L", content: `${"n".repeat(120)}.csv\0` },
        { name: "short", content: "gnu" },
        pax({ path: "données.csv", size: "3" }),
        { name: "x", content: "pax", size: 3 },
        { name: "./d//plain.csv", content: "plain" },
        { name: "d/plain.csv", content: "twice" },
      ])
      assert.deepStrictEqual(read, {
        [`${"n".repeat(120)}.csv`]: "gnu",
        "données.csv": "pax",
        "d/plain.csv": "plain",
        "d/plain (2).csv": "twice",
      })
    }).pipe(Effect.scoped),
  )

  it.effect("leaves out what must not be followed or cannot be read, with the reason and a code", () =>
    Effect.gen(function* () {
      const { read, skipped } = yield* opened([
        { name: "ok.csv", content: "1" },
        { name: "/etc/passwd", content: "2" },
        { name: "a/../../b.csv", content: "3" },
        { name: "C:\\x.csv", content: "4" },
        { name: "NUL.csv", content: "5" },
        { name: "hard.csv", type: "1", size: 99 },
        { name: "null", type: "3" },
        { name: "pipe", type: "6" },
        pax({ "GNU.sparse.major": "1" }),
        { name: "sparse.csv", content: "7" },
        { name: "odd.csv", type: "Z", content: "8" },
        pax({ path: "a\0b.csv" }),
        { name: "nul.csv", content: "9" },
        { name: "folder/", type: "5" },
        { name: "__MACOSX/._ok.csv", content: "x" },
      ])
      assert.deepStrictEqual(read, { "ok.csv": "1" })
      assert.deepStrictEqual(
        skipped.map(({ name, code }) => `${name} ${code}`),
        [
          "/etc/passwd unsafe-member",
          "a/../../b.csv unsafe-member",
          "C:\\x.csv unsafe-member",
          "NUL.csv unsafe-member",
          "hard.csv unsafe-member",
          "null unsafe-member",
          "pipe unsafe-member",
          "sparse.csv unreadable-member",
          "odd.csv unreadable-member",
          "a\0b.csv unsafe-member",
          "__MACOSX/._ok.csv foreign-member",
        ],
      )
    }).pipe(Effect.scoped),
  )

  it.effect("says that an archive without an end mark may be cut, and gives what is there", () =>
    Effect.gen(function* () {
      const { read, skipped } = yield* opened([{ name: "a.csv", content: "1" }], false)
      assert.deepStrictEqual(read, { "a.csv": "1" })
      assert.match(nth(skipped).why, /no end mark/)
    }).pipe(Effect.scoped),
  )

  it.effect("cut in a member gives those before it, and says of that one that it is cut", () =>
    Effect.gen(function* () {
      const whole = writeTar([
        { name: "a.csv", content: "1" },
        { name: "b.csv", content: "x".repeat(3_000) },
      ])
      const { members } = yield* expandAll(tar(), yield* fileWith(whole.subarray(0, 3_000), "x.tar"))
      assert.strictEqual((yield* bytesOf(nth(members))).toString(), "1")
      assert.match((yield* Effect.flip(bytesOf(nth(members, 1)))).message, /x\.tar!b\.csv: the archive is cut short/)
    }).pipe(Effect.scoped),
  )

  it.effect("refuses damaged headers, sizes beyond the file, texts without end, and more than the caps", () =>
    Effect.gen(function* () {
      const cases: ReadonlyArray<readonly [ReadonlyArray<Written>, RegExp, Parameters<typeof tar>[0]?]> = [
        [[{ name: "big.csv", size: 9_000_000_000 }], /cut short/],
        [[{ name: "path", type: "x", content: "99 path=x\n" }], /a pax header is damaged/],
        [[pax({ size: "-1" })], /a pax header has no size/],
        [[{ name: "long", type: "L", size: 2_000_000 }], /a text in a header is too long/],
        [[pax({ path: "x" })], /missing/],
        [
          [{ name: "a" }, { name: "b" }, { name: "c" }],
          /more than 2 entries; refused as a possible bomb.*"maxEntries" of tar/,
          { maxEntries: 2 },
        ],
      ]
      for (const [entries, message, options] of cases) {
        const error = yield* refused(entries, options)
        assert.strictEqual(error.reason._tag, "DataQuality")
        assert.match(error.message, message)
      }
      const damaged = writeTar([{ name: "a.csv", content: "1" }, { name: "b.csv" }])
      damaged.writeUInt8(damaged.readUInt8(1_024) ^ 1, 1_024)
      const error = yield* Effect.flip(Effect.scoped(expandAll(tar(), yield* fileWith(damaged, "x.tar"))))
      assert.include(error.message, "the header at byte 1024 is damaged")
    }).pipe(Effect.scoped),
  )
})
