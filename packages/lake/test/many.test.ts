import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { temporaryFolder } from "./lake-in-a-folder.ts"

const PLANNER = new URL("./plan-many.ts", import.meta.url).pathname
const RESOURCES = process.env["ODH_LONG"] === "1" ? 100_000 : 2_000
/** In bytes, for 100,000 resources whose descriptions are 200 MB. */
const MOST = 1_000_000_000

describe("a catalogue", () => {
  it.live(`of ${RESOURCES} resources is planned in bounded memory, and its run has one event file`, () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const { stdout } = yield* Effect.promise(() =>
        promisify(execFile)(process.execPath, [
          "--conditions=@opendatahub-sql/source",
          PLANNER,
          folder,
          String(RESOURCES),
        ]),
      )
      const told = JSON.parse(stdout) as {
        readonly resources: number
        readonly peak: number
        readonly eventFiles: number
      }
      console.log(`${told.resources} resources planned, peak ${Math.round(told.peak / 1e6)} MB`)
      assert.strictEqual(told.resources, RESOURCES)
      assert.strictEqual(told.eventFiles, 1)
      assert.isBelow(told.peak, MOST)
    }),
  )
})
