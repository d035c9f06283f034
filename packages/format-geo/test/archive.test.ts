import { assert, describe, it } from "@effect/vitest"
import { resolve } from "@opendatahub-sql/core"
import { memoryFile } from "@opendatahub-sql/core/testing"
import { csv } from "@opendatahub-sql/format-csv"
import { zip } from "@opendatahub-sql/format-zip"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { crc32 } from "node:zlib"
import { shapefile } from "../src/index.ts"
import { plu } from "./reading.ts"

/** A zip archive whose members are stored as they are. */
const zipOf = (members: Readonly<Record<string, Buffer>>): Buffer => {
  const locals: Array<Buffer> = []
  const central: Array<Buffer> = []
  let offset = 0
  for (const [name, bytes] of Object.entries(members)) {
    const local = Buffer.alloc(30)
    local.writeUInt32LE(0x04034b50, 0)
    local.writeUInt16LE(20, 4)
    local.writeUInt32LE(crc32(bytes), 14)
    local.writeUInt32LE(bytes.length, 18)
    local.writeUInt32LE(bytes.length, 22)
    local.writeUInt16LE(Buffer.byteLength(name), 26)
    const entry = Buffer.alloc(46)
    entry.writeUInt32LE(0x02014b50, 0)
    local.copy(entry, 6, 4, 30)
    entry.writeUInt32LE(offset, 42)
    locals.push(local, Buffer.from(name), bytes)
    central.push(entry, Buffer.from(name))
    offset += 30 + Buffer.byteLength(name) + bytes.length
  }
  const size = central.reduce((sum, { length }) => sum + length, 0)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(central.length / 2, 8)
  end.writeUInt16LE(central.length / 2, 10)
  end.writeUInt32LE(size, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...locals, ...central, end])
}

describe("a shapefile in an archive", () => {
  it.effect("is one table: its companions are read with it, and not on their own", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const bundles = Object.fromEntries(
          ["b/ZONES", "a/AUTRES"].flatMap((stem) =>
            Object.entries(plu()).map(([extension, bytes]) => [`${stem}${extension}`, bytes]),
          ),
        )
        const archive = zipOf({ ...bundles, "notes.csv": Buffer.from("a;b\n1;2\n") })
        const readers = yield* Effect.all([zip().decode, csv().decode, shapefile().decode])
        const { leaves, skipped } = yield* resolve(memoryFile("plu.zip", archive), "shp", readers)
        assert.deepStrictEqual(
          leaves.map(({ member, format }) => [member, format.id]),
          [
            ["a/AUTRES.shp", "shapefile"],
            ["b/ZONES.shp", "shapefile"],
            ["notes.csv", "csv"],
          ],
        )
        assert.deepStrictEqual(skipped, [])
        const [leaf] = leaves
        const events = leaf === undefined ? [] : yield* Stream.runCollect(leaf.format.read(leaf.file))
        const [started, batch] = events
        assert.isTrue(started?._tag === "TableStarted" && started.columns[0]?.name === "LIBELLE")
        assert.isTrue(batch?._tag === "Batch" && batch.size === 90)
      }),
    ),
  )
})
