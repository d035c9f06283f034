import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { verifyTable } from "../../src/maintenance/verify.ts"
import { startWriter } from "../processes/start.ts"
import { openScene } from "../scene.ts"
import { run, temporaryFolder } from "../tables.ts"

describe("a folder that many processes write to", () => {
  it("loses no commit of eight with fifty each", async () => {
    const folder = temporaryFolder()
    const writers = ["a", "b", "c", "d", "e", "f", "g", "h"]
    const ends = await Promise.all(writers.map((name) => startWriter({ path: folder }, name, "2026-01-01", 50)))
    assert.deepStrictEqual(ends, Array(8).fill(0))
    await run(
      Effect.gen(function* () {
        const scene = yield* openScene(folder)
        const expected = `select w as writer, n, i as id from (select unnest(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']) as w), range(50) t(n), range(10) s(i)`
        assert.strictEqual(yield* scene.differences(yield* scene.rows(), expected), 0)
        const table = yield* scene.table
        assert.lengthOf(table.metadata.snapshots ?? [], 400)
        assert.deepStrictEqual((yield* verifyTable(scene.lakehouse, table)).problems, [])
      }),
    )
  })
})
