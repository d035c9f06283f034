import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as fc from "fast-check"
import { decodeStream, toUtf8 } from "../src/encoding/decoding.ts"
import { decideEncoding } from "../src/encoding/encoding.ts"
import { encodings } from "../src/encoding/encoding-name.ts"
import { gatherEvidence } from "../src/encoding/evidence.ts"
import { bytesOf, read } from "./reading.ts"

const decide = (...chunks: ReadonlyArray<Uint8Array>) => {
  const evidence = gatherEvidence()
  for (const chunk of chunks) evidence.add(chunk)
  return decideEncoding(evidence.end())
}

const latin1 = (text: string): Buffer => Buffer.from(text, "latin1")
const french = "nom;ville\nÉlodie;Besançon\nLoïc;Orléans\n"

/** What DOS wrote, by the table that Python has under the name of cp850. */
const dos = (text: string): Buffer =>
  Buffer.from(Array.from(text, (c) => ({ É: 0x90, ç: 0x87, ï: 0x8b, é: 0x82, è: 0x8a })[c] ?? c.charCodeAt(0)))

describe("the encoding of a file", () => {
  it("is UTF-8 when every byte is, wherever chunks are cut", () => {
    const bytes = Buffer.from(french + "€ 𝄞\n")
    for (let at = 0; at <= bytes.length; at++)
      assert.strictEqual(decide(bytes.subarray(0, at), bytes.subarray(at)).name, "utf-8")
  })

  it("is ISO-8859-1, or Windows-1252 when a byte from 80 to 9F says so", () => {
    assert.strictEqual(decide(latin1(french)).name, "iso-8859-1")
    assert.strictEqual(decide(latin1(french), Buffer.from([0x80, 0x0a])).name, "windows-1252")
  })

  it("is decided on the whole file: one accent after 3 MB of ASCII", () => {
    const ascii = Buffer.alloc(1_000_000, "a;b\n")
    assert.strictEqual(decide(ascii, ascii, ascii, latin1("é\n")).name, "iso-8859-1")
  })

  it("is Mac OS Roman when its letters are more than those of Latin-1", () => {
    assert.strictEqual(
      decide(Buffer.from("nom\n", "latin1"), Buffer.from([0x8e, 0x8f, 0x88, 0x8d, 0x0a])).name,
      "macintosh",
    )
  })

  it("is code page 850 when that has letters in the middle of words, where Windows-1252 has signs", () => {
    assert.strictEqual(decide(dos(french)).name, "ibm850")
    assert.strictEqual(decide(latin1("l\u0092eau;\u0093dit-il\u0094;1\u0085\n")).name, "windows-1252")
  })

  it("counts the letters around a byte wherever chunks are cut", () => {
    const bytes = Buffer.concat([latin1("r\xfdgion;d\xfdp. officiel\n"), dos("ÉcolE;Besançon\n"), latin1("a\xe9")])
    const of = (...chunks: ReadonlyArray<Uint8Array>) => {
      const evidence = gatherEvidence()
      for (const chunk of chunks) evidence.add(chunk)
      return evidence.end()
    }
    const whole = of(bytes)
    assert.isAbove(whole.afterSmall[0xfd] ?? 0, 1)
    for (let at = 0; at <= bytes.length; at++)
      assert.deepStrictEqual(of(bytes.subarray(0, at), bytes.subarray(at)), whole, `cut at ${at}`)
    assert.deepStrictEqual(of(...Array.from(bytes, (byte) => Uint8Array.of(byte))), whole)
  })

  it("stays UTF-8 with a few damaged bytes, counted and located", () => {
    const text = Buffer.from("préfecture;Orléans;Besançon\n".repeat(20))
    const found = decide(text, latin1("caf\u00e9;"), text)
    assert.deepStrictEqual([found.name, found.damagedBytes, found.damagedAt], ["utf-8", 1, [text.length + 3]])
  })

  it("is UTF-8 when the end of the file cuts a character", () => {
    const found = decide(Buffer.from("nom\nÉlodie\nAndré").subarray(0, -1))
    assert.deepStrictEqual([found.name, found.damagedBytes], ["utf-8", 1])
  })

  it("is UTF-16 by its mark, or by a zero in each pair of bytes", () => {
    for (const mark of ["\ufeff", ""]) {
      const little = Buffer.from(mark + french, "utf16le")
      assert.strictEqual(decide(little).name, "utf-16le")
      assert.strictEqual(decide(Buffer.from(little).swap16()).name, "utf-16be")
    }
  })

  it("is not UTF-16 because of NUL bytes in cells", () => {
    assert.strictEqual(decide(Buffer.from("a;b\n\u0000;\u0000\n1;\u0000\n")).name, "utf-8")
  })

  it("agrees with the UTF-8 decoder of the platform on where damage is", () => {
    const byte = fc.oneof(
      fc.constantFrom(0x41, 0xc3, 0xa9, 0xe2, 0x82, 0xac, 0xf0, 0x9d, 0x84, 0x9e, 0xed, 0xff, 0xc0),
      fc.integer({ min: 0, max: 255 }),
    )
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 12 }), fc.nat(12), (list, at) => {
        const bytes = Uint8Array.from(list)
        const evidence = gatherEvidence()
        evidence.add(bytes.subarray(0, at))
        evidence.add(bytes.subarray(at))
        const valid = (() => {
          try {
            new TextDecoder("utf-8", { fatal: true }).decode(bytes)
            return true
          } catch {
            return false
          }
        })()
        assert.strictEqual(evidence.end().damaged === 0, valid)
      }),
      { numRuns: 2000 },
    )
  })
})

describe("decoding", () => {
  const platform = { "utf-8": "utf-8", "utf-16le": "utf-16le", "utf-16be": "utf-16be", macintosh: "macintosh" } as const

  for (const encoding of encodings) {
    it.effect(`gives the same text from ${encoding} for any cut, and as UTF-8`, () =>
      Effect.gen(function* () {
        const text =
          encoding === "iso-8859-1" || encoding === "ibm850"
            ? french
            : encoding.startsWith("utf")
              ? `${french}€ œuvre 𝄞`
              : `${french}œuvre «»`
        const encoded = {
          "utf-8": () => Buffer.from(text),
          "utf-16le": () => Buffer.from(text, "utf16le"),
          "utf-16be": () => Buffer.from(text, "utf16le").swap16(),
          ibm850: () => dos(text),
        }
        const single = (): Buffer => {
          const every = Array.from({ length: 256 }, (_, n) => n)
          const characters = every.map((n) =>
            new TextDecoder(encoding === "macintosh" ? "macintosh" : "latin1").decode(Uint8Array.of(n)),
          )
          return Buffer.from(
            Array.from(text, (c) => (c === "œ" && encoding !== "macintosh" ? 0x9c : characters.indexOf(c))),
          )
        }
        const bytes = encoding in encoded ? encoded[encoding as keyof typeof encoded]() : single()
        for (const size of [1, 2, 3, 7, 1000]) {
          const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) =>
            bytes.subarray(n * size, (n + 1) * size),
          )
          assert.strictEqual(
            (yield* Stream.runCollect(decodeStream(Stream.fromIterable(chunks), encoding))).join(""),
            text,
          )
          assert.strictEqual(
            Buffer.concat(
              yield* Stream.runCollect(
                Stream.map(toUtf8(Stream.fromIterable(chunks), encoding), (chunk) => Buffer.from(chunk)),
              ),
            ).toString(),
            text,
          )
        }
      }),
    )
  }

  for (const encoding of Object.keys(platform) as ReadonlyArray<keyof typeof platform>) {
    it.effect(`of ${encoding} agrees with the platform on any bytes, cut anywhere`, () =>
      Effect.promise(async () => {
        const byte = fc.oneof(
          fc.constantFrom(0x41, 0xc3, 0xa9, 0xe2, 0x82, 0xac, 0xf0, 0x9d, 0x84, 0x9e, 0xed, 0xd8, 0xdc),
          fc.integer({ min: 0, max: 255 }),
        )
        await fc.assert(
          fc.asyncProperty(fc.array(byte, { maxLength: 30 }), fc.nat(30), fc.nat(30), async (list, a, b) => {
            const bytes = Uint8Array.from(list)
            const [first, second] = [Math.min(a, b), Math.max(a, b)]
            const chunks = Stream.make(bytes.subarray(0, first), bytes.subarray(first, second), bytes.subarray(second))
            const pieces = await Effect.runPromise(Stream.runCollect(decodeStream(chunks, encoding)))
            assert.strictEqual(pieces.join(""), new TextDecoder(platform[encoding]).decode(bytes))
          }),
          { numRuns: 1000 },
        )
      }),
    )
  }

  it.effect("reads Windows-1252 as the table of the WHATWG says", () =>
    Effect.gen(function* () {
      const { rows } = yield* read(
        Buffer.concat([bytesOf("a;b\n"), Buffer.from([0x80, 0x8c, 0x3b, 0x92, 0x9c, 0x96, 0x81, 0x0a])]),
      )
      assert.deepStrictEqual(rows, [["€Œ", "’œ–\u0081"]])
    }),
  )

  it.effect("obeys the option, and says so", () =>
    Effect.gen(function* () {
      const { facts, rows } = yield* read(latin1("a;b\né;2\n"), { encoding: "macintosh" })
      assert.deepStrictEqual(rows, [["È", "2"]])
      assert.deepStrictEqual(facts["encoding"], { name: "macintosh", why: "told", mark: false })
    }),
  )
})
