import { assert, describe, it } from "@effect/vitest"
import { listing, resources, runs, status, tables, verify, type VerifyProgress } from "@opendatahub-sql/lake"
import * as Effect from "effect/Effect"
import { chmodSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { keepText, temporaryFolder, withLake } from "./lake-in-a-folder.ts"
import { prepare, RESOURCES, work } from "./work.ts"

const worked = Effect.gen(function* () {
  const folder = yield* temporaryFolder
  yield* prepare(folder)
  yield* Effect.promise(() => work(folder, "run-1"))
  return folder
})

describe("views", () => {
  it.effect("show resources, their extractions and loads", () =>
    Effect.gen(function* () {
      const folder = yield* worked
      const all = yield* status(folder)
      assert.deepStrictEqual(
        all.map(({ title, extractions, trouble }) => [title, extractions, trouble]),
        [
          ["lieux", 2, []],
          ["usagers", 2, []],
          ["vehicules", 2, []],
        ],
      )
      assert.deepInclude(all[0]?.loads[0], {
        target: "duckdb:w.duckdb",
        extractedAt: "2026-11-26T00:00:00.000Z",
        rows: 2,
        rejects: 1,
        isCurrent: true,
      })
      assert.deepInclude((yield* resources(folder))[0], {
        resource: "lieux",
        format: "csv",
        extractions: 2,
        gone: false,
        firstExtractedAt: "2026-11-25T13:05:01.123Z",
        lastExtractedAt: "2026-11-26T00:00:00.000Z",
      })
      assert.deepInclude((yield* tables(folder))[0], { table: "lieux", rows: 2, slices: 1, columns: 3 })
      const [run] = yield* runs(folder)
      assert.deepInclude(run, { run: "run-1", outcome: "done", command: "sync", version: "0.1.0" })
      assert.deepStrictEqual(run?.counts, { loaded: 3 })
    }),
  )

  it.effect("show trouble until it is over", () =>
    Effect.gen(function* () {
      const folder = yield* worked
      const failed = (at: string) =>
        withLake(
          folder,
          (lake) =>
            lake.record({
              _tag: "Failed",
              at,
              run: "run-2",
              source: "datagouv",
              dataset: RESOURCES[0]?.dataset.id ?? "",
              resource: "lieux",
              stage: "fetch",
              failure: { message: "404" },
            }),
          { run: "run-2" },
        )
      yield* failed("2020-01-01T00:00:00.000Z")
      assert.deepStrictEqual((yield* status(folder))[0]?.trouble, [])
      yield* failed("2999-01-01T00:00:00.000Z")
      assert.deepStrictEqual((yield* status(folder))[0]?.trouble, [
        { stage: "fetch", at: "2999-01-01T00:00:00.000Z", message: "404" },
      ])
    }),
  )

  it.effect("list the lake as a tree, each byte once", () =>
    Effect.gen(function* () {
      const folder = yield* worked
      yield* withLake(folder, (lake) => keepText(lake, "A of lieux", RESOURCES[0]))
      const [source] = yield* listing(folder)
      const lieux = source?.below[0]?.below[0]
      assert.deepStrictEqual(
        lieux?.below.map(({ bytes, rejects }) => [bytes, rejects.length]),
        [
          [10, 0],
          [10, 1],
          [0, 0],
        ],
      )
      assert.strictEqual(lieux?.bytes, 20)
      const { bytes, problems } = yield* verify(folder)
      assert.deepStrictEqual([source?.bytes, problems], [bytes, []])
    }),
  )

  it.effect("verify every stored file, with progress", () =>
    Effect.gen(function* () {
      const folder = yield* worked
      const steps: Array<VerifyProgress> = []
      assert.deepStrictEqual((yield* verify(folder, (step) => steps.push(step))).problems, [])
      assert.strictEqual(steps.length, 7)
      assert.deepStrictEqual(steps.at(-1), {
        files: 7,
        totalFiles: 7,
        bytes: steps[0]?.totalBytes ?? 0,
        totalBytes: steps[0]?.totalBytes ?? 0,
      })
    }),
  )

  it.effect("find every kind of damage", () =>
    Effect.gen(function* () {
      const folder = yield* worked
      const [source] = yield* listing(folder)
      const path = source?.below[0]?.below[0]?.below[0]?.files[0]?.path ?? ""
      chmodSync(join(folder, path), 0o644)
      writeFileSync(join(folder, path), "X of lieux")
      writeFileSync(join(folder, "raw", "stray.csv"), "")
      writeFileSync(join(folder, "extractions", "stray.json"), "")
      const { problems } = yield* verify(folder)
      assert.deepStrictEqual(
        problems.map((one) => [one.kind, one.path]),
        [
          ["orphan", "extractions/stray.json"],
          ["different", path],
          ["orphan", "raw/stray.csv"],
        ],
      )
    }),
  )

  it.effect("say when there is no lake, and make none", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const error = yield* Effect.flip(status(join(folder, "none")))
      assert.strictEqual(error.reason._tag, "Config")
      assert.include(error.message, "odh sync")
    }),
  )
})
