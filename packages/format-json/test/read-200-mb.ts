/** Run in a process of its own by memory.test.ts: reads 200 MB of parents and children that exist only while they are read. */
import type { RawFile } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { json } from "../src/index.ts"

const RECORDS = 303_000
const SENTENCE = "Travaux de réfection de la chaussée — tranche ferme et tranche conditionnelle, lot ".repeat(3)

const recordOf = (n: number): string =>
  JSON.stringify({
    id: `2024-${n}`,
    objet: SENTENCE + n,
    montant: n % 20 === 0 ? "environ 1000" : n * 1.37,
    acheteur: { id: "21750001600019", nom: "Ville de Paris" },
    titulaires: Array.from({ length: (n % 2) + 1 }, (_, k) => ({
      siret: String(10_000_000_000_000 + n + k),
      nom: `Société n° ${n}`,
    })),
  })

async function* chunks(end: number): AsyncGenerator<Uint8Array> {
  let text = "["
  let sent = 0
  for (let n = 0; n < RECORDS && sent < end; n++) {
    text += (n === 0 ? "" : ",") + recordOf(n)
    if (text.length < 65_536) continue
    const chunk = Buffer.from(text)
    sent += chunk.length
    text = ""
    yield chunk
    await Promise.resolve()
  }
  yield Buffer.from(`${text}]`)
}

const file: RawFile = {
  name: "large.json",
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
const format = await Effect.runPromise(json().decode)
await Effect.runPromise(
  Stream.runForEach(format.read(file), (event) =>
    Effect.sync(() => {
      if (event._tag === "Batch") rows[event.table] = (rows[event.table] ?? 0) + event.size
    }),
  ),
)
process.stdout.write(JSON.stringify({ rows, peakMb: Math.round(process.resourceUsage().maxRSS / 1_024) }))
