/** Run in a process of its own by memory.test.ts: reads 200 MB of features that exist only while they are read. */
import type { RawFile } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { geojson } from "../src/index.ts"

const FEATURES = 400_000
const BLOCK = 1_000

const featureOf = (n: number): string => {
  const [x, y] = [(n % 800) / 100, 42 + (n % 900) / 100]
  const ring = Array.from({ length: 16 }, (_, k) => [
    x + Math.cos((k % 15) / 2.4) / 1_000,
    y + Math.sin((k % 15) / 2.4) / 1_000,
  ])
  const geometry = n % 2 === 0 ? { type: "Point", coordinates: [x, y] } : { type: "Polygon", coordinates: [ring] }
  return JSON.stringify({
    type: "Feature",
    properties: { id: n, nom: `Parcelle n° ${n}`, surface: n * 1.37, commune: "05061" },
    geometry,
  })
}

/** Made once, so that what is measured is the reader. */
const block = Buffer.from(Array.from({ length: BLOCK }, (_, n) => featureOf(n)).join(","))

async function* chunks(start: number, end: number): AsyncGenerator<Uint8Array> {
  if (start > 0) return yield Buffer.from("]}")
  yield Buffer.from('{"type":"FeatureCollection","features":[')
  for (let n = 0; n < FEATURES / BLOCK && n * block.length < end; n++) {
    if (n > 0) yield Buffer.from(",")
    for (let at = 0; at < block.length; at += 65_536) yield block.subarray(at, at + 65_536)
    await Promise.resolve()
  }
  yield Buffer.from("]}")
}

const file: RawFile = {
  name: "large.geojson",
  size: 200_000_000,
  identity: "0",
  siblings: [],
  local: Effect.die("not on disk"),
  bytes: (range) =>
    Stream.suspend(() =>
      Stream.fromAsyncIterable(chunks(range?.start ?? 0, range?.end ?? Number.POSITIVE_INFINITY), (cause): never => {
        throw cause
      }),
    ),
}

let rows = 0
const format = await Effect.runPromise(geojson().decode)
await Effect.runPromise(
  Stream.runForEach(format.read(file), (event) =>
    Effect.sync(() => {
      if (event._tag === "Batch") rows += event.size
    }),
  ),
)
process.stdout.write(JSON.stringify({ rows, peakMb: Math.round(process.resourceUsage().maxRSS / 1_024) }))
