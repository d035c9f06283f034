import { assert, describe, it } from "@effect/vitest"
import { dumpState, rebuildState, runs, verify } from "@opendatahub-sql/lake"
import * as Effect from "effect/Effect"
import { spawn } from "node:child_process"
import { keyOf, temporaryFolder, withLake } from "./lake-in-a-folder.ts"
import { prepare, RESOURCES } from "./work.ts"

const WORKER = new URL("./worker.ts", import.meta.url).pathname

const errorsOf = (...args: ReadonlyArray<string>): Effect.Effect<string> =>
  Effect.callback<string>((resume) => {
    const child = spawn(process.execPath, ["--conditions=@opendatahub-sql/source", WORKER, ...args], {
      stdio: ["ignore", "ignore", "pipe"],
    })
    let errors = ""
    child.stderr.on("data", (chunk: Buffer) => {
      errors += chunk.toString()
    })
    child.on("close", () => resume(Effect.succeed(errors)))
  })

describe("several processes", () => {
  it.live(
    "work on one lake at once: each extraction is made once, and no event is lost",
    () =>
      Effect.gen(function* () {
        const folder = yield* temporaryFolder
        yield* prepare(folder)
        const names = ["run-1", "run-2", "run-3", "run-4"]
        const errors = yield* Effect.forEach(names, (run) => errorsOf(folder, run, "0"), { concurrency: "unbounded" })
        assert.deepStrictEqual(errors, ["", "", "", ""])
        const counts = yield* withLake(folder, (lake) =>
          Effect.forEach(RESOURCES, (one) => Effect.map(lake.extractions(keyOf(one)), (all) => all.length)),
        )
        assert.deepStrictEqual(counts, [2, 2, 2])
        assert.deepStrictEqual(
          (yield* runs(folder)).map(({ run, outcome }) => `${run} ${outcome}`).toSorted(),
          names.map((run) => `${run} done`),
        )
        assert.deepStrictEqual((yield* verify(folder)).problems, [])
        const dump = yield* dumpState(folder)
        yield* rebuildState(folder)
        assert.strictEqual(yield* dumpState(folder), dump)
      }),
    120_000,
  )

  it.live(
    "may share a run, and so its event file",
    () =>
      Effect.gen(function* () {
        const folder = yield* temporaryFolder
        yield* prepare(folder)
        const errors = yield* Effect.forEach([1, 2], () => errorsOf(folder, "run-1", "0"), { concurrency: "unbounded" })
        assert.deepStrictEqual(errors, ["", ""])
        assert.deepStrictEqual((yield* verify(folder)).problems, [])
        assert.deepInclude((yield* runs(folder))[0], { run: "run-1", outcome: "done" })
      }),
    120_000,
  )
})
