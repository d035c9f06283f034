import { assert, describe, it } from "@effect/vitest"
import { dumpState, rebuildState, verify } from "@opendatahub-sql/lake"
import * as Effect from "effect/Effect"
import { spawn } from "node:child_process"
import { createHash } from "node:crypto"
import { cpSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { basename, join } from "node:path"
import { keyOf, temporaryFolder, withLake } from "./lake-in-a-folder.ts"
import { prepare, RESOURCES } from "./work.ts"

const WORKER = new URL("./worker.ts", import.meta.url).pathname

interface Ended {
  readonly signal: string | null
  readonly output: string
  readonly errors: string
}

const runWorker = (...args: ReadonlyArray<string>): Effect.Effect<Ended> =>
  Effect.callback<Ended>((resume) => {
    const child = spawn(process.execPath, ["--conditions=@opendatahub-sql/source", WORKER, ...args], {
      stdio: ["ignore", "pipe", "pipe"],
    })
    let output = ""
    let errors = ""
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString()
    })
    child.stderr.on("data", (chunk: Buffer) => {
      errors += chunk.toString()
    })
    child.on("close", (_code, signal) => resume(Effect.succeed({ signal, output, errors })))
  })

const filesUnder = (folder: string): ReadonlyArray<string> =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))

/** Straight from the disk, before any process mends anything. */
const assertNoHalfFile = (lake: string): void => {
  for (const file of filesUnder(join(lake, "raw"))) {
    const sha256 = createHash("sha256").update(readFileSync(file)).digest("hex")
    assert.include(basename(file), `-${sha256.slice(0, 16)}.`, "the bytes of a stored file")
  }
  for (const file of filesUnder(join(lake, "extractions"))) {
    if (file.endsWith(".json"))
      assert.strictEqual((JSON.parse(readFileSync(file, "utf8")) as { formatVersion: number }).formatVersion, 1)
    else assert.strictEqual(readFileSync(file, "utf8"), "rejects")
  }
}

const contents = (folder: string) =>
  withLake(folder, (lake) =>
    Effect.forEach(RESOURCES, (one) =>
      Effect.map(lake.extractions(keyOf(one)), (extractions) =>
        extractions.map(({ extractedAt, file, siblings }) => [
          extractedAt,
          file.sha256,
          ...Object.values(siblings).map((sibling) => sibling.sha256),
        ]),
      ),
    ),
  )

/** With ODH_LONG a process is killed before every call, else before every 41st. */
const STEP = process.env["ODH_LONG"] === "1" ? 1 : 41

describe("a process that is killed", () => {
  it.live(
    "leaves no half file at any point, and the next run makes the same lake",
    () =>
      Effect.gen(function* () {
        const parent = yield* temporaryFolder
        const before = join(parent, "before")
        yield* prepare(before)
        const whole = join(parent, "whole")
        cpSync(before, whole, { recursive: true })
        const undisturbed = yield* runWorker(whole, "run-1", "0")
        assert.strictEqual(undisturbed.errors, "")
        const calls = Number(undisturbed.output)
        assert.isAbove(calls, 100)
        const expected = yield* contents(whole)

        const points = Array.from({ length: Math.ceil(calls / STEP) }, (_, index) => 1 + index * STEP)
        yield* Effect.forEach(
          points,
          (point) =>
            Effect.gen(function* () {
              const lake = join(parent, `killed-${point}`)
              cpSync(before, lake, { recursive: true })
              const killed = yield* runWorker(lake, "run-1", String(point))
              assert.strictEqual(killed.signal, "SIGKILL", `${point}: ${killed.errors}`)
              assertNoHalfFile(lake)
              assert.deepStrictEqual((yield* verify(lake)).problems, [], `verify after a kill at ${point}`)
              const again = yield* runWorker(lake, "run-2", "0")
              assert.strictEqual(again.errors, "", `the next run after a kill at ${point}`)
              assert.deepStrictEqual(yield* contents(lake), expected, `extractions after a kill at ${point}`)
              assert.deepStrictEqual((yield* verify(lake)).problems, [])
              const dump = yield* dumpState(lake)
              yield* rebuildState(lake)
              assert.strictEqual(yield* dumpState(lake), dump, `state after a kill at ${point}`)
              rmSync(lake, { recursive: true, force: true })
            }),
          { concurrency: 2, discard: true },
        )
      }),
    1_200_000,
  )
})
