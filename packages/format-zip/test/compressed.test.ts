import { assert, describe, it } from "@effect/vitest"
import { memoryFile } from "@opendatahub-sql/core/testing"
import * as Effect from "effect/Effect"
import { execFileSync } from "node:child_process"
import { zstdCompressSync } from "node:zlib"
import { bzip2, zip, zstd } from "../src/index.ts"
import { bytesOf, decoded, expandAll, nth } from "./expanding.ts"
import { writeZip } from "./zip-writer.ts"

/** Python compresses: an implementation that is not ours. */
const bzip2Of = (text: string): Buffer =>
  execFileSync(
    "python3",
    ["-c", "import bz2, sys; sys.stdout.buffer.write(bz2.compress(sys.stdin.buffer.read(), 1))"],
    {
      input: text,
      maxBuffer: 1e9,
    },
  )

/** Lines that hold little and much that repeats, over several blocks of 100 kB. */
const text = Array.from({ length: 60_000 }, (_, n) => `${n};${(n * 7_919) % 1_000};${"é".repeat(n % 40)}\n`).join("")
const packers = [
  { name: "bzip2", container: bzip2, pack: bzip2Of, extension: "bz2" },
  { name: "zstd", container: zstd, pack: (one: string) => zstdCompressSync(one), extension: "zst" },
] as const

for (const { name, container, pack, extension } of packers) {
  describe(`${name} files`, () => {
    const read = (bytes: Uint8Array, options?: Parameters<typeof zstd>[0]) =>
      Effect.gen(function* () {
        const { members } = yield* expandAll(container(options), memoryFile(`x.csv.${extension}`, bytes))
        assert.strictEqual(nth(members).name, "x.csv")
        return (yield* bytesOf(nth(members))).toString()
      }).pipe(Effect.scoped)

    it.effect("gives what was packed, in one stream or several, zeros behind them or not", () =>
      Effect.gen(function* () {
        assert.strictEqual(yield* read(pack(text)), text)
        assert.strictEqual(yield* read(pack("")), "")
        const several = [pack("a;b\n"), pack(""), pack("1;2\n"), Buffer.alloc(100)]
        assert.strictEqual(yield* read(Buffer.concat(several)), "a;b\n1;2\n")
        assert.strictEqual(yield* read(Buffer.concat([pack("a;b\n"), Buffer.from("garbage")])), "a;b\n")
      }),
    )

    it.effect("is known by its bytes, and never cut or changed in silence", () =>
      Effect.gen(function* () {
        const whole = pack("code;nom\n01001;L'Abergement\n".repeat(40))
        const probe = { name: "x.csv", mediaType: undefined, declared: "csv", size: 9, tail: whole, members: undefined }
        assert.strictEqual((yield* decoded(container())).detects({ ...probe, head: whole, siblings: [] }), 0.9)
        for (let length = 4; length < whole.length; length++) {
          const error = yield* Effect.flip(read(whole.subarray(0, length)))
          assert.strictEqual(error._tag, "FormatError")
          assert.include(error.message, "cut short")
        }
      }),
    )

    it.effect("names the cap that a bomb meets", () =>
      Effect.gen(function* () {
        const bomb = pack("0".repeat(20_000_000))
        assert.include((yield* Effect.flip(read(bomb))).message, `raise the option "maxRatio" of ${name}`)
        assert.include((yield* Effect.flip(read(bomb, { maxBytes: 1_000 }))).message, `"maxBytes" of ${name}`)
        const deep = { ...memoryFile("x", pack("a")), identity: "0!a!b!c!d" }
        const error = yield* Effect.flip(Effect.scoped(expandAll(container(), deep)))
        assert.include(error.message, `"maxDepth" of ${name}`)
      }),
    )
  })
}

describe("bzip2 data", () => {
  it.effect("that changed is told by its checksums or its codes", () =>
    Effect.gen(function* () {
      const whole = bzip2Of("code;nom;prix\n01001;L'Abergement;12,5\n2A004;Ajaccio;8\n")
      for (let at = 4; at < whole.length; at++) {
        const changed = Buffer.from(whole)
        changed.writeUInt8(changed.readUInt8(at) ^ 0x10, at)
        const { members } = yield* expandAll(bzip2(), memoryFile("x.csv.bz2", changed))
        const result = yield* Effect.result(bytesOf(nth(members)))
        assert.isTrue(result._tag === "Failure" && result.failure._tag === "FormatError", `byte ${at}`)
      }
    }).pipe(Effect.scoped),
  )
})

describe("zip members", () => {
  it.effect("packed by bzip2 and zstd are read", () =>
    Effect.gen(function* () {
      const bytes = writeZip([
        { name: "a.csv", content: "a;b\n", method: 12, packed: bzip2Of("a;b\n") },
        { name: "b.csv", content: "1;2\n", method: 93, packed: zstdCompressSync("1;2\n") },
      ])
      const { members } = yield* expandAll(zip(), memoryFile("x.zip", bytes))
      const read = yield* Effect.forEach(members, (member) => bytesOf(member))
      assert.deepStrictEqual(read.map(String), ["a;b\n", "1;2\n"])
    }).pipe(Effect.scoped),
  )

  it.effect("are counted together with those of the archives within: entries and bytes", () =>
    Effect.gen(function* () {
      const inner = writeZip([{ name: "a.csv", content: "x".repeat(600) }, { name: "b.csv" }])
      const bytes = writeZip([
        { name: "1.zip", content: inner },
        { name: "2.zip", content: inner },
      ])
      const open = Effect.fnUntraced(function* (options: NonNullable<Parameters<typeof zip>[0]>) {
        for (const member of (yield* expandAll(zip(options), memoryFile("x.zip", bytes))).members)
          yield* expandAll(zip(options), member)
      }, Effect.scoped)
      yield* open({ maxEntries: 6 })
      assert.include((yield* Effect.flip(open({ maxEntries: 5 }))).message, "2.zip: more than 5 entries")
      assert.include((yield* Effect.flip(open({ maxBytes: 1_500 }))).message, "2.zip: unpacks to more than 1500 bytes")
    }),
  )
})
