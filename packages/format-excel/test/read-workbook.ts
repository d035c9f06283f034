/** Run in a process of its own by memory.test.ts: reads the workbook at the path given and says how many rows it had, and the most memory it took. */
import type { RawFile } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { createReadStream, statSync } from "node:fs"
import { excel } from "../src/index.ts"

const path = process.argv[2] ?? ""
const file: RawFile = {
  name: "large.xlsx",
  size: statSync(path).size,
  identity: "0",
  siblings: [],
  local: Effect.succeed(path),
  bytes: (range) =>
    Stream.fromAsyncIterable(
      createReadStream(path, { start: range?.start ?? 0, end: (range?.end ?? Number.POSITIVE_INFINITY) - 1 }),
      (cause): never => {
        throw cause
      },
    ),
}

let rows = 0
let cells = 0
const format = await Effect.runPromise(excel().decode)
await Effect.runPromise(
  Stream.runForEach(format.read(file), (event) =>
    Effect.sync(() => {
      if (event._tag !== "Batch") return
      rows += event.size
      for (const column of event.columns) for (const cell of column) if (cell !== null) cells++
    }),
  ),
)
const { user, system } = process.cpuUsage()
process.stdout.write(
  JSON.stringify({
    rows,
    cells,
    peakMb: Math.round(process.resourceUsage().maxRSS / 1_024),
    cpuMs: Math.round((user + system) / 1_000),
  }),
)
