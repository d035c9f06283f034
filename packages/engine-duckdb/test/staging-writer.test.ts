import { assert, describe, it } from "@effect/vitest"
import type { Cell, Column } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { openDatabase } from "../src/database/database.ts"
import { stagedQuery } from "../src/tables/staging-csv.ts"
import { StagingWriter } from "../src/tables/staging-writer.ts"

/** What the engine reads of one column of cells that were staged. */
const readBack = (cells: ReadonlyArray<Cell>, column: Column, as: string): Effect.Effect<ReadonlyArray<unknown>> =>
  Effect.scoped(
    Effect.gen(function* () {
      const folder = yield* Effect.acquireRelease(
        Effect.sync(() => mkdtempSync(join(tmpdir(), "odh-staging-"))),
        (path) => Effect.sync(() => rmSync(path, { recursive: true })),
      )
      const writer = new StagingWriter()
      const rowNumbers = Float64Array.from(cells, (_, index) => index + 1)
      writer.batch({ table: "main", size: cells.length, columns: [cells], rowNumbers }, false, 1)
      const path = join(folder, "part.csv")
      writeFileSync(path, writer.bytes)
      const database = yield* openDatabase({ workFolder: folder })
      const connection = yield* database.connect
      const query = stagedQuery([{ path, width: 1, longest: writer.longest, escaped: writer.escaped }], [column], false)
      const rows = yield* connection.all(`select ${as} as v from (${query}) order by h0`, "read back")
      return rows.map(({ v }) => v)
    }).pipe(Effect.orDie),
  )

describe("staging", () => {
  it.effect("keeps every text, and tells NULL from the empty text", () =>
    Effect.gen(function* () {
      const texts = [
        "",
        null,
        "a",
        '"',
        ',"',
        "a\nb",
        "a\r\nb",
        "é",
        "œuvre, «€»",
        "😀",
        "\u0000",
        " x ",
        "NULL",
        "\u0001",
        "\u00010",
        "\u00011n",
        "a\u001fb",
        "x".repeat(47),
      ]
      const cells = [
        ...texts,
        ...texts.map((text) => (text === null ? null : `${text}${"é".repeat(60)}${text}`)),
        "x".repeat(3_000_000),
      ]
      assert.deepStrictEqual(yield* readBack(cells, { name: "a" }, "r0"), cells)
    }),
  )

  it.effect(
    "keeps texts of megabytes whose lines look like records, quotes and all, wherever the engine begins to read",
    () =>
      Effect.gen(function* () {
        const record = '7\u001f"a\n"\u001fb\r\n8,"",","\n'
        const cells = Array.from({ length: 300 }, (_, n) => (n % 10 === 0 ? record.repeat(20_000 + n) : `"${n}`))
        const read = yield* readBack(cells, { name: "a" }, "r0")
        assert.strictEqual(read.length, cells.length)
        cells.forEach((cell, n) => assert.isTrue(read[n] === cell, `cell ${n}`))
      }),
  )

  it.effect("keeps every number to the last bit", () =>
    Effect.gen(function* () {
      const some = [
        0,
        -0.5,
        1,
        9,
        10,
        1_000_000,
        123_456_789,
        999_999_999.5,
        2 ** 53,
        1e21,
        1e-7,
        1.5e-7,
        -1e-300,
        Math.PI,
        0.1 + 0.2,
      ]
      const degrees = Array.from({ length: 5_000 }, (_, n) => ((n * 7_919_777) % 3_600_000_007) / 1e7 - 180)
      const awkward = Array.from({ length: 5_000 }, (_, n) => Math.sin(n) * 10 ** (n % 30))
      const cells = [...some, ...degrees, ...awkward, Infinity, -Infinity]
      assert.deepStrictEqual(yield* readBack(cells, { name: "a", type: "double" }, "r0::double"), cells)
    }),
  )

  it.effect("keeps bytes of every length", () =>
    Effect.gen(function* () {
      const cells = Array.from({ length: 300 }, (_, length) =>
        Uint8Array.from({ length }, (__, at) => (at * 31 + length) & 0xff),
      )
      assert.deepStrictEqual(
        yield* readBack(cells, { name: "a", type: "blob" }, "hex(r0)"),
        cells.map((bytes) => Buffer.from(bytes).toString("hex").toUpperCase()),
      )
    }),
  )
})
