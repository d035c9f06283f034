/** Run in a process of its own by memory.test.ts: reads the fuel prices 17 times in a row as one document, which exists only while it is read. */
import type { RawFile } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { xml } from "../src/index.ts"
import { fuel } from "./corpus.ts"

const TIMES = 17
const CHUNK = 65_536

const document = fuel()
const start = document.indexOf("<pdv_liste>") + "<pdv_liste>".length
const end = document.lastIndexOf("</pdv_liste>")
const stations = document.subarray(start, end)
let bytes = 0

async function* chunks(limit: number): AsyncGenerator<Uint8Array> {
  yield document.subarray(0, start)
  let sent = start
  for (let time = 0; time < TIMES; time++) {
    for (let at = 0; at < stations.length && sent < limit; at += CHUNK) {
      // A copy, as a disk would give.
      const chunk = Buffer.from(stations.subarray(at, Math.min(at + CHUNK, at + limit - sent)))
      sent += chunk.length
      yield chunk
      await Promise.resolve()
    }
  }
  bytes = sent
  if (sent < limit) yield document.subarray(end)
}

const file: RawFile = {
  name: "large.xml",
  size: undefined,
  identity: "0",
  siblings: [],
  local: Effect.die("not on disk"),
  bytes: (range) =>
    Stream.suspend(() =>
      Stream.fromAsyncIterable(chunks(range?.end ?? Number.POSITIVE_INFINITY), (cause): never => {
        throw cause
      }),
    ),
}

const rows: Record<string, number> = {}
const format = await Effect.runPromise(xml().decode)
await Effect.runPromise(
  Stream.runForEach(format.read(file), (event) =>
    Effect.sync(() => {
      if (event._tag === "Batch") rows[event.table] = (rows[event.table] ?? 0) + event.size
    }),
  ),
)
process.stdout.write(JSON.stringify({ bytes, rows, peakMb: Math.round(process.resourceUsage().maxRSS / 1_024) }))
