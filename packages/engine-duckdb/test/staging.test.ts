import { assert, describe, it } from "@effect/vitest"
import type { Cell, Column } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { openDatabase } from "../src/database/database.ts"
import { PageWriter } from "../src/parquet/pages.ts"
import { MAGIC, stagedColumns, StagingFile, stagedQuery } from "../src/tables/staging-parquet.ts"
import { StagingSample } from "../src/tables/staging-sample.ts"

/** What the engine reads of one column of cells that were staged in several batches. */
const readBack = (
  cells: ReadonlyArray<Cell>,
  column: Column,
  as: string,
  batch = 100,
): Effect.Effect<ReadonlyArray<unknown>> =>
  Effect.scoped(
    Effect.gen(function* () {
      const folder = yield* Effect.acquireRelease(
        Effect.sync(() => mkdtempSync(join(tmpdir(), "odh-staging-"))),
        (path) => Effect.sync(() => rmSync(path, { recursive: true })),
      )
      const [file, pages] = [new StagingFile(stagedColumns([column], false)), new PageWriter()]
      const bytes: Array<Uint8Array> = [MAGIC]
      for (let at = 0; at < cells.length; at += batch) {
        const some = cells.slice(at, at + batch)
        const numbers = Float64Array.from(some, (_, index) => at + index + 1)
        const cellsOf = (place: number) => (place === 0 ? numbers : some)
        for (const piece of file.rowGroup(pages, cellsOf, some.length)) bytes.push(Uint8Array.from(piece))
      }
      const path = join(folder, "part.parquet")
      writeFileSync(path, Buffer.concat([...bytes, file.end()]))
      const database = yield* openDatabase({ workFolder: folder })
      const connection = yield* database.connect
      const query = stagedQuery([{ path, width: 1 }], [column], false)
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
        "a\r\nb",
        "é",
        "œuvre, «€»",
        "😀",
        "\u0000",
        " x ",
        "NULL",
        "\u0001",
        "x".repeat(70_000),
      ]
      const cells = [
        ...texts,
        ...texts.map((text) => (text === null ? null : `${text}${"é😀".repeat(60)}${text}`)),
        "x".repeat(3_000_000),
      ]
      for (const batch of [1, 3, 1_000])
        assert.deepStrictEqual(yield* readBack(cells, { name: "a" }, "r0", batch), cells)
      const many = Array.from({ length: 9_000 }, (_, n) => (n % 7 === 0 ? null : "é".repeat(n % 300)))
      assert.deepStrictEqual(yield* readBack(many, { name: "a" }, "r0", 8_192), many)
      assert.deepStrictEqual(yield* readBack([null, null], { name: "a" }, "r0"), [null, null])
    }),
  )

  it.effect("writes half a surrogate pair as the replacement character, and never makes a whole one of two cells", () =>
    Effect.gen(function* () {
      const cells = ["a\ud83d", "\ude00b", "\ud83d", null, "\ude00", "é"]
      assert.deepStrictEqual(yield* readBack(cells, { name: "a" }, "r0"), [
        "a\ufffd",
        "\ufffdb",
        "\ufffd",
        null,
        "\ufffd",
        "é",
      ])
    }),
  )

  it.effect("gives other values as their canonical text", () =>
    Effect.gen(function* () {
      const cells = [1, -0.5, 1e21, 2n ** 70n, true, false, null, 1e-7]
      const expected = cells.map((cell) => (cell === null ? null : String(cell)))
      assert.deepStrictEqual(yield* readBack(cells, { name: "a" }, "r0"), expected)
    }),
  )

  it.effect("keeps every number to the last bit", () =>
    Effect.gen(function* () {
      const some = [0, -0.5, 123_456_789, 2 ** 53, 1e21, 1.5e-7, -1e-300, Math.PI, 0.1 + 0.2, null, Infinity, -Infinity]
      const awkward = Array.from({ length: 5_000 }, (_, n) => Math.sin(n) * 10 ** (n % 30))
      const cells = [...some, ...awkward]
      assert.deepStrictEqual(yield* readBack(cells, { name: "a", type: "double" }, "r0"), cells)
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

describe("the sample of a staged table", () => {
  const batch = (from: number, size: number, width: number) => ({
    table: "main",
    size,
    columns: Array.from({ length: width }, () => Array.from({ length: size }, (_, row) => String(from + row))),
    rowNumbers: new Float64Array(size),
  })

  it("is all of a small table, NULL where a column came later", () => {
    const sample = new StagingSample()
    sample.add(batch(0, 2, 1))
    sample.add(batch(2, 1, 2))
    assert.deepStrictEqual(sample.rows(2), {
      columns: [
        ["0", "1", "2"],
        [null, null, "2"],
      ],
      whole: true,
    })
  })

  it("comes from all over a large one, and stays small", () => {
    const sample = new StagingSample()
    const rows = 1_000
    for (let n = 0; n < 300; n++) sample.add(batch(n * rows, rows, 5))
    const { columns, whole } = sample.rows(5)
    assert.isFalse(whole)
    const [first = []] = columns
    assert.isBelow(first.length * 5, 150_000)
    assert.isAbove(first.length, 4_000)
    for (let tenth = 0; tenth < 10; tenth++)
      assert.isTrue(
        first.some((value) => Math.floor(Number(value) / rows / 30) === tenth),
        `tenth ${tenth}`,
      )
  })
})
