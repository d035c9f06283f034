import { assert, describe, it } from "@effect/vitest"
import { verify } from "@opendatahub-sql/lake"
import * as Effect from "effect/Effect"
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs"
import { join } from "node:path"
import { keep } from "../src/keep.ts"
import { openLake } from "../src/open-lake.ts"
import { downloaded, keepText, keyOf, resource, temporaryFolder, withLake } from "./lake-in-a-folder.ts"

const noLinks = (): Promise<void> =>
  Promise.reject(Object.assign(new Error("operation not supported"), { code: "ENOTSUP" }))

describe("publication", () => {
  it.effect("never overwrites, with links or without them", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      for (const options of [{ create: true }, { create: true, link: noLinks }]) {
        const lake = yield* openLake(folder, options)
        const target = `target-${"link" in options}`
        const write = (text: string): string => {
          const path = join(lake.workFolder, text)
          writeFileSync(path, text)
          return path
        }
        assert.strictEqual(yield* lake.storage.publish(write("first"), target), "published")
        assert.strictEqual(yield* lake.storage.publish(write("second"), target), "exists")
        assert.strictEqual(readFileSync(join(folder, target), "utf8"), "first")
        assert.strictEqual(statSync(join(folder, target)).mode & 0o222, 0)
        assert.deepStrictEqual(
          readdirSync(lake.workFolder).filter((name) => name.startsWith("copy-")),
          [],
        )
      }
    }),
  )

  it.effect("keeps on a disk without links", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const lake = yield* openLake(folder, { create: true, link: noLinks })
      yield* keep(lake, "test", resource(), downloaded(lake.workFolder, "A"), { dbf: downloaded(lake.workFolder, "B") })
      const { problems, files } = yield* verify(folder)
      assert.deepStrictEqual([problems, files], [[], 2])
    }),
  )

  it.effect("takes the download over, so nobody writes into the stored file by its old name", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      yield* withLake(folder, (lake) =>
        Effect.gen(function* () {
          const download = downloaded(lake.workFolder, "A")
          yield* lake.keep(resource(), download, {})
          assert.isFalse(existsSync(download.path))
          const same = downloaded(lake.workFolder, "A")
          yield* lake.keep(resource(), same, {})
          assert.isFalse(existsSync(same.path))
        }),
      )
    }),
  )

  it.effect("refuses a download that is not the size that was announced", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const error = yield* Effect.flip(withLake(folder, (lake) => keepText(lake, "cut", resource(), { bytes: 4 })))
      assert.include(error.message, "3 bytes, 4 were announced")
    }),
  )

  it.effect("keeps a bundle as one extraction, and a change of one file makes a new one", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const bundle = (shp: string, dbf: string) =>
        withLake(folder, (lake) =>
          lake.keep(resource(), downloaded(lake.workFolder, shp, { name: "communes.shp" }), {
            "dbf-id": downloaded(lake.workFolder, dbf, { name: "communes.dbf" }),
          }),
        )
      yield* bundle("shp", "dbf")
      assert.isUndefined(yield* bundle("shp", "dbf"))
      const changed = yield* bundle("shp", "dbf 2")
      if (changed === undefined) return assert.fail("kept")
      yield* withLake(folder, (lake) =>
        Effect.gen(function* () {
          const file = lake.open(changed)
          assert.deepStrictEqual(
            file.siblings.map(({ name }) => name),
            ["communes.dbf"],
          )
          const [first] = yield* lake.extractions(keyOf(resource()))
          assert.strictEqual(first?.file.path, changed.file.path)
        }),
      )
    }),
  )

  it.effect("brings a deleted file back when the same bytes come again", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const kept = yield* withLake(folder, (lake) => keepText(lake, "A"))
      rmSync(join(folder, kept?.file.path ?? ""))
      assert.deepStrictEqual(
        (yield* verify(folder)).problems.map(({ kind }) => kind),
        ["missing"],
      )
      yield* withLake(folder, (lake) => keepText(lake, "A"))
      assert.deepStrictEqual((yield* verify(folder)).problems, [])
    }),
  )

  it.effect("keeps rejects beside the record, once", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      yield* withLake(folder, (lake) =>
        Effect.gen(function* () {
          const kept = yield* keepText(lake, "A")
          if (kept === undefined) return assert.fail("kept")
          for (const text of ["rejects", "again"]) {
            const parquet = join(lake.workFolder, `${text}.parquet`)
            writeFileSync(parquet, text)
            yield* lake.keepRejects(kept, "0123456789abcdef0123", parquet)
          }
        }),
      )
      const rejects = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
        name.endsWith(".rejects.parquet"),
      )
      assert.strictEqual(rejects.length, 1)
      assert.isTrue(rejects[0]?.endsWith("20261125T130501123Z.0123456789abcdef.rejects.parquet"))
      assert.strictEqual(readFileSync(join(folder, rejects[0] ?? ""), "utf8"), "rejects")
      assert.deepStrictEqual((yield* verify(folder)).problems, [])
    }),
  )
})

describe("opening", () => {
  it.effect("refuses a newer format, and leaves the folder as it is", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      writeFileSync(join(folder, "lake.json"), '{"formatVersion":2}')
      const error = yield* Effect.flip(withLake(folder, () => Effect.void))
      assert.strictEqual(error.reason._tag, "Config")
      assert.include(error.message, "format 2")
      assert.include(error.message, "upgrade")
      assert.deepStrictEqual(readdirSync(folder), ["lake.json"])
    }),
  )

  it.effect("says what is wrong with a stored file that is missing or short", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      yield* withLake(folder, (lake) =>
        Effect.gen(function* () {
          const kept = yield* keepText(lake, "twelve bytes")
          if (kept === undefined) return assert.fail("kept")
          const path = join(folder, kept.file.path)
          chmodSync(path, 0o644)
          truncateSync(path, 5)
          const short = yield* Effect.flip(Effect.scoped(lake.open(kept).local))
          assert.include(short.message, "5 bytes, its record says 12")
          rmSync(path)
          const missing = yield* Effect.flip(Effect.scoped(lake.open(kept).local))
          assert.include(missing.message, "odh lake verify")
        }),
      )
    }),
  )

  it.effect("refuses to read outside the lake for a record that says so", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      yield* withLake(folder, (lake) => keepText(lake, "A"))
      const record = join(
        folder,
        readdirSync(folder, { recursive: true, encoding: "utf8" }).find((name) => name.endsWith("123Z.json")) ?? "",
      )
      const text = readFileSync(record, "utf8")
      chmodSync(record, 0o644)
      writeFileSync(record, text.replace(/"path": "[^"]*"/, '"path": "raw/../../../etc/passwd"'))
      rmSync(join(folder, "state.sqlite"))
      const error = yield* Effect.flip(withLake(folder, (lake) => lake.extractions(keyOf(resource()))))
      assert.include(error.message, "odh lake verify")
      const kinds = (yield* verify(folder)).problems.map(({ kind }) => kind)
      assert.deepStrictEqual(kinds, ["unreadable-record", "orphan"])
    }),
  )

  it.effect("removes what a dead process left, but for a download to go on with", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      yield* withLake(folder, (lake) =>
        Effect.gen(function* () {
          const name = lake.workFolder.split("/").at(-1) ?? ""
          const dead = join(folder, "work", name.replace(`~${process.pid}~`, "~999999999~"))
          mkdirSync(join(dead, "staging"), { recursive: true })
          for (const file of ["big.csv", "staging/x.parquet", "abc.1.part", "abc.1.part.json"])
            writeFileSync(join(dead, file), "x")
          yield* withLake(folder, (next) =>
            Effect.sync(() => {
              assert.deepStrictEqual(readdirSync(next.workFolder), ["abc.1.part", "abc.1.part.json"])
              assert.isTrue(existsSync(lake.workFolder))
              assert.isFalse(existsSync(dead))
            }),
          )
        }),
      )
    }),
  )
})
