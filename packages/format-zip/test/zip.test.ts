import { assert, describe, it } from "@effect/vitest"
import { type Container, type FormatError, type RawFile, WorkFolder } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { zip } from "../src/index.ts"
import {
  bytesOf,
  corpusPath,
  decoded,
  expandAll,
  expectedOf,
  fileAt,
  fileWith,
  nth,
  sha256Of,
  suitePath,
} from "./expanding.ts"
import { writeZip } from "./zip-writer.ts"

const listOf = (container: Container, file: RawFile) => container.members?.(file) ?? Effect.die("zip lists its members")

const hashes = Effect.fnUntraced(function* (path: string) {
  const { members, skipped } = yield* expandAll(zip(), fileAt(path))
  const read: Record<string, ReadonlyArray<number | string>> = {}
  for (const member of members) {
    const bytes = yield* bytesOf(member)
    assert.strictEqual(member.size, bytes.length)
    read[member.name] = [bytes.length, sha256Of(bytes)]
  }
  return { read, skipped }
})

const refused = (bytes: Uint8Array, options?: NonNullable<Parameters<typeof zip>[0]>) =>
  Effect.gen(function* () {
    const file = yield* fileWith(bytes, "bad.zip")
    const { members } = yield* expandAll(zip(options), file)
    for (const member of members) yield* bytesOf(member)
  }).pipe(
    Effect.scoped,
    Effect.flip,
    Effect.map((error) => error as FormatError),
  )

describe("zip on real archives", () => {
  for (const path of [
    "insee-comsimp2014-zip-cp1252-tab/comsimp2014.zip",
    "prix-carburants-zip-xml-latin1/PrixCarburants_instantane.zip",
  ]) {
    it.effect(`gives the bytes that Python's zipfile gives: ${path}`, () =>
      Effect.gen(function* () {
        const { read, skipped } = yield* hashes(corpusPath(path))
        assert.deepStrictEqual(read, expectedOf(basename(path)))
        assert.deepStrictEqual(skipped, [])
      }).pipe(Effect.scoped),
    )
  }

  it.effect("leaves the checksum out of a GTFS archive, says so, and lists it among the members", () =>
    Effect.gen(function* () {
      const path = corpusPath("gtfs-frioul-bom-md5/gtfs.zip")
      const { read, skipped } = yield* hashes(path)
      const { "ExportService.checksum.md5": _, ...tables } = expectedOf("gtfs.zip")
      assert.deepStrictEqual(read, tables)
      assert.deepStrictEqual(skipped, [
        { name: "ExportService.checksum.md5", why: "a checksum", code: "foreign-member" },
      ])
      const container = yield* decoded(zip())
      assert.deepStrictEqual(
        [...(yield* listOf(container, fileAt(path)))].toSorted(),
        Object.keys(expectedOf("gtfs.zip")).toSorted(),
      )
    }).pipe(Effect.scoped),
  )

  it.effect("takes a workbook for a zip at first, names its parts, and refuses to unfold it", () =>
    Effect.gen(function* () {
      const folder = corpusPath("one-table-xlsx-ods")
      for (const name of readdirSync(folder).filter((file) => /\.(?:xlsx|ods)$/.test(file))) {
        const file = fileAt(join(folder, name))
        const container = yield* decoded(zip())
        const head = yield* bytesOf(file, { start: 0, end: 1_000 })
        assert.isAbove(
          container.detects({
            name,
            head,
            tail: head,
            mediaType: undefined,
            declared: undefined,
            size: file.size,
            members: undefined,
            siblings: [],
          }),
          0.8,
        )
        assert.isTrue(
          (yield* listOf(container, file)).some((member) => member === "[Content_Types].xml" || member === "mimetype"),
        )
        const error = yield* Effect.flip(expandAll(zip(), file))
        assert.include(error.message, "office document")
      }
    }).pipe(Effect.scoped),
  )
})

describe("zip on yauzl's suite", () => {
  for (const name of readdirSync(suitePath("success"))) {
    it.effect(`reads ${name}`, () =>
      Effect.gen(function* () {
        const { read, skipped } = yield* hashes(suitePath(`success/${name}`))
        // zipfile does not know the Unicode path field: the suite's own expectation stands in.
        const wanted: Record<string, ReadonlyArray<number | string>> = name === "unicode-path-extra-field.zip"
          ? { "七个房间.txt": [0, sha256Of(Buffer.alloc(0))] }
          : { ...expectedOf(name) }
        for (const { name: member, why } of skipped) {
          assert.match(why, /encrypted|compression method|picture or sound/)
          delete wanted[member]
        }
        assert.deepStrictEqual(read, wanted)
      }).pipe(Effect.scoped),
    )
  }

  // A backslash in a name is a slash here, as in yauzl's own default mode.
  const harmless = new Set(["invalid characters in fileName a txt.zip"])
  for (const name of readdirSync(suitePath("failure"))) {
    it.effect(`does not take for sound: ${name}`, () =>
      Effect.gen(function* () {
        const result = yield* Effect.result(hashes(suitePath(`failure/${name}`)))
        if (result._tag === "Failure") {
          assert.strictEqual(result.failure._tag, "FormatError")
          assert.strictEqual(result.failure.reason._tag, "DataQuality")
          assert.isTrue(result.failure.message.startsWith(name))
        } else assert.isTrue(harmless.has(name) || result.success.skipped.length > 0, JSON.stringify(result.success))
      }).pipe(Effect.scoped),
    )
  }

  it.effect("reads Deflate64, what Windows packs large files with, and refuses it cut or damaged", () =>
    Effect.gen(function* () {
      const path = join(import.meta.dirname, "fixtures/deflate64/communes.zip")
      const { read } = yield* hashes(path)
      assert.deepStrictEqual(read, {
        "communes.csv": [233_484, "2868f528753a8ed8a0c126c4f3ec6a04dfdec7793257291dba644cb803478aa0"],
      })
      const packed = readFileSync(path).subarray(42, -80)
      for (const bytes of [packed.subarray(0, 1_000), packed.toReversed(), Buffer.alloc(100, 0xff), Buffer.alloc(0)]) {
        const error = yield* refused(
          writeZip([{ name: "a.csv", content: "x".repeat(300_000), packed: bytes, method: 9 }]),
        )
        assert.match(error.message, /a\.csv: .*(Deflate64 data is (cut short|damaged)|directory says|checksum)/)
      }
    }).pipe(Effect.scoped),
  )

  it.effect("refuses sizes that are not those of the directory", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(hashes(suitePath("wrong-entry-sizes/wrong-entry-sizes.zip")))
      assert.match(error.message, /a\.txt: 39 bytes where the directory says 48/)
    }).pipe(Effect.scoped),
  )
})

describe("members", () => {
  const bytes = writeZip([
    { name: "département.csv", flags: 0x800, content: "a" },
    { name: Buffer.from("d\x82partement.csv", "latin1"), content: "b" },
    { name: Buffer.from("d\xe9partement (1).csv", "latin1"), content: "c" },
    { name: "sous-dossier/données.csv", content: "d" },
    { name: "twice.csv", content: "e", method: 0 },
    { name: "twice.csv", content: "f" },
    { name: "odd!name%.csv", content: "g" },
    { name: "folder/" },
    { name: "__MACOSX/._twice.csv", content: "h" },
    { name: "folder/.DS_Store", content: "i" },
    { name: "lisez-moi.txt", content: "j" },
    { name: "carte.PDF", content: "k" },
    { name: "zones.qml", content: "<qgis/>" },
    { name: "schema.xsd", content: "<xs:schema/>" },
    { name: "../../etc/passwd", content: "l" },
    { name: "C:\\temp\\x.csv", content: "m" },
    { name: "link.csv", content: "/etc/passwd", attributes: 0o120777 * 65_536 },
    { name: "secret.csv", content: "n", flags: 1 },
    { name: "old.csv", content: "o", method: 1 },
  ])

  it.effect("are named as their author meant, each with its own identity", () =>
    Effect.gen(function* () {
      const { members } = yield* expandAll(zip(), yield* fileWith(bytes, "names.zip"))
      assert.deepStrictEqual(
        members.map(({ name, identity }) => [name, identity]),
        [
          ["département.csv", "0123!département.csv"],
          ["département (2).csv", "0123!département (2).csv"],
          ["département (1).csv", "0123!département (1).csv"],
          ["sous-dossier/données.csv", "0123!sous-dossier/données.csv"],
          ["twice.csv", "0123!twice.csv"],
          ["twice (2).csv", "0123!twice (2).csv"],
          ["odd!name%.csv", "0123!odd%21name%25.csv"],
        ],
      )
      assert.strictEqual((yield* Effect.forEach(members, (member) => bytesOf(member))).join(""), "abcdefg")
    }).pipe(Effect.scoped),
  )

  it.effect("that are no data are left out with the reason", () =>
    Effect.gen(function* () {
      const { skipped } = yield* expandAll(zip(), yield* fileWith(bytes, "names.zip"))
      assert.deepStrictEqual(
        skipped.map(({ name, why }) => `${name}: ${why.split(":")[0]}`),
        [
          "__MACOSX/._twice.csv: macOS metadata",
          "folder/.DS_Store: left by a file manager",
          "lisez-moi.txt: documentation",
          "carte.PDF: documentation",
          "zones.qml: the style of a map",
          "schema.xsd: a schema",
          "../../etc/passwd: its name leaves the archive",
          "C:/temp/x.csv: its name leaves the archive",
          "link.csv: a symbolic link",
          "secret.csv: encrypted",
          "old.csv: its compression method 1 is not supported",
        ],
      )
    }).pipe(Effect.scoped),
  )

  it.effect("know the members that make a bundle with them", () =>
    Effect.gen(function* () {
      const shapes = writeZip([
        { name: "zones/a.shp", content: "1" },
        { name: "zones/a.dbf", content: "2" },
        { name: "a.prj", content: "3" },
      ])
      const { members } = yield* expandAll(zip(), yield* fileWith(shapes, "zones.zip"))
      assert.deepStrictEqual(
        members.map((member) => member.siblings.map(({ name }) => name)),
        [["zones/a.dbf"], ["zones/a.shp"], []],
      )
      assert.strictEqual((yield* bytesOf(nth(nth(members).siblings))).toString(), "2")
    }).pipe(Effect.scoped),
  )

  it.effect("can be read in part, again and again, after the archive's stream has ended", () =>
    Effect.gen(function* () {
      const path = corpusPath("insee-comsimp2014-zip-cp1252-tab/comsimp2014.zip")
      const member = nth((yield* expandAll(zip(), fileAt(path))).members)
      const whole = yield* bytesOf(member)
      for (const range of [
        { start: 0, end: 65_536 },
        { start: 100_000, end: 100_010 },
        { start: 1_819_440 },
        { start: 5, end: 5 },
        { start: 2_000_000 },
      ]) {
        assert.deepStrictEqual(yield* bytesOf(member, range), whole.subarray(range.start, range.end))
      }
      assert.strictEqual(yield* Stream.runCount(Stream.take(member.bytes(), 1)), 1)
      assert.strictEqual(sha256Of(yield* bytesOf(member)), sha256Of(whole))
    }).pipe(Effect.scoped),
  )

  it.effect("are spooled to the work folder under a name of ours, and gone when the scope closes", () =>
    Effect.gen(function* () {
      const folder = mkdtempSync(join(tmpdir(), "odh-work-"))
      yield* Effect.addFinalizer(() => Effect.sync(() => rmSync(folder, { recursive: true })))
      const file = fileAt(corpusPath("gtfs-frioul-bom-md5/gtfs.zip"))
      const path = yield* Effect.gen(function* () {
        const { members } = yield* expandAll(zip(), file)
        const path = yield* nth(members, 4).local
        assert.strictEqual(sha256Of(readFileSync(path)), expectedOf("gtfs.zip")["stops.txt"]?.[1])
        assert.isTrue(path.startsWith(folder) && !path.includes("stops"))
        return path
      }).pipe(Effect.scoped, Effect.provideService(WorkFolder, folder))
      assert.isFalse(existsSync(path))
      assert.deepStrictEqual(readdirSync(folder), [])
    }).pipe(Effect.scoped),
  )

  it.effect("that are archives open in their turn, as deep as allowed", () =>
    Effect.gen(function* () {
      const nested = writeZip([
        {
          name: "b.zip",
          method: 0,
          content: writeZip([{ name: "c.zip", content: writeZip([{ name: "data.csv", content: "x;y" }]) }]),
        },
      ])
      const file = yield* fileWith(nested, "a.zip")
      const b = nth((yield* expandAll(zip(), file)).members)
      const c = nth((yield* expandAll(zip(), b)).members)
      const data = nth((yield* expandAll(zip(), c)).members)
      assert.strictEqual(data.identity, "0123!b.zip!c.zip!data.csv")
      assert.strictEqual((yield* bytesOf(data)).toString(), "x;y")
      const error = yield* Effect.flip(expandAll(zip({ maxDepth: 2 }), c))
      assert.match(error.message, /lies in 2 archives.*"maxDepth"/)
    }).pipe(Effect.scoped),
  )
})

describe("a zip in other bytes", () => {
  const archive = writeZip([{ name: "a.csv", content: "a;b" }])
  const read = Effect.fnUntraced(function* (bytes: Uint8Array) {
    const file = yield* fileWith(bytes, "x.zip")
    const container = yield* decoded(zip())
    const probe = { name: "x", mediaType: undefined, declared: undefined, size: file.size, members: undefined }
    const confidence = container.detects({ ...probe, head: bytes, tail: new Uint8Array(0), siblings: [] })
    const { members, skipped } = yield* expandAll(zip(), file)
    return { confidence, text: (yield* bytesOf(nth(members))).toString(), skipped: skipped.map(({ why }) => why) }
  }, Effect.scoped)

  it.effect("is found behind a program that unpacks it, and before what a transfer left", () =>
    Effect.gen(function* () {
      const program = Buffer.from(`MZ${"\0".repeat(3_000)}`)
      assert.deepStrictEqual(yield* read(Buffer.concat([program, archive])), {
        confidence: 0.9,
        text: "a;b",
        skipped: [],
      })
      const { text, skipped } = yield* read(Buffer.concat([archive, Buffer.from("</html>")]))
      assert.deepStrictEqual([text, skipped], ["a;b", ["7 bytes after its end were ignored"]])
    }),
  )
})

describe("names without a word on their encoding", () => {
  const written: ReadonlyArray<readonly [string, ReadonlyArray<number>]> = [
    // What PKZIP, Windows Explorer in France, and programs in Windows-1252 write.
    ["d\u00e9partement.csv", [0x64, 0x82, ...Buffer.from("partement.csv")]],
    ["\u00c9tat civil.csv", [0x90, ...Buffer.from("tat civil.csv")]],
    ["\u00c0 C\u00d4T\u00c9.csv", [0xb7, ...Buffer.from(" C"), 0xe2, 0x54, 0x90, ...Buffer.from(".csv")]],
    ["donn\u00e9es.csv", [...Buffer.from("donn"), 0xe9, ...Buffer.from("es.csv")]],
    ["l\u2019\u0153uvre n\u00b02.csv", [0x6c, 0x92, 0x9c, ...Buffer.from("uvre n"), 0xb0, ...Buffer.from("2.csv")]],
    ["\u00e9l\u00e8ve.csv", [...Buffer.from("\u00e9l\u00e8ve.csv")]],
  ]
  for (const [name, raw] of written) {
    it.effect(name, () =>
      Effect.gen(function* () {
        const file = yield* fileWith(writeZip([{ name: Buffer.from(raw), content: "x" }]), "x.zip")
        assert.strictEqual(nth((yield* expandAll(zip(), file)).members).name, name)
      }).pipe(Effect.scoped),
    )
  }
})

describe("what zip refuses", () => {
  it.effect("every cut of a real archive", () =>
    Effect.gen(function* () {
      const whole = readFileSync(corpusPath("gtfs-frioul-bom-md5/gtfs.zip"))
      for (let length = 5; length < whole.length; length += 97) {
        const error = yield* refused(whole.subarray(0, length))
        assert.strictEqual(error.reason._tag, "DataQuality")
        assert.include(error.message, "fetch it again")
      }
    }),
  )

  it.effect("a byte that changed, by the checksum", () =>
    Effect.gen(function* () {
      const bytes = writeZip([{ name: "a.csv", content: "x;y;z", method: 0 }])
      bytes.writeUInt8(bytes.readUInt8(36) ^ 1, 36)
      assert.include((yield* refused(bytes)).message, "bad.zip!a.csv: its checksum (CRC-32)")
    }),
  )

  it.effect("bombs: by entries, by bytes, by ratio, by shared bytes; the message names the option", () =>
    Effect.gen(function* () {
      const many = writeZip(Array.from({ length: 11 }, (_, n) => ({ name: `${n}.csv`, content: "x" })))
      assert.match((yield* refused(many, { maxEntries: 10 })).message, /more than 10 entries.*"maxEntries"/)
      assert.match((yield* refused(many, { maxBytes: 10 })).message, /more than 10 bytes.*"maxBytes"/)
      const zeros = writeZip([{ name: "zeros.csv", content: Buffer.alloc(20_000_000) }])
      assert.match((yield* refused(zeros)).message, /unpack to 20000000.*"maxRatio"/)
      const lies = writeZip([{ name: "zeros.csv", content: Buffer.alloc(20_000_000), size: 100_000 }])
      assert.include((yield* refused(lies)).message, "more bytes than the 100000 of the directory")
      const overlapping = writeZip([
        { name: "a.csv", content: "x".repeat(1_000) },
        { name: "b.csv", content: "x".repeat(1_000), sharesWith: 0 },
      ])
      assert.include((yield* refused(overlapping)).message, "a.csv and b.csv share their bytes")
    }),
  )

  it.effect("options that are wrong, all at once", () =>
    Effect.gen(function* () {
      const wrong: unknown = { maxEntries: 0, maxRatio: "high", maxSize: 1 }
      const error = yield* Effect.flip(zip(wrong as { readonly maxEntries: number }).decode)
      assert.deepStrictEqual(error.issues.map(({ path }) => path).toSorted(), ["maxEntries", "maxRatio", "maxSize"])
    }),
  )

  it.effect("nothing of an archive without members", () =>
    Effect.gen(function* () {
      const { members, skipped } = yield* expandAll(zip(), yield* fileWith(writeZip([]), "empty.zip"))
      assert.deepStrictEqual([members, skipped], [[], []])
    }).pipe(Effect.scoped),
  )
})
