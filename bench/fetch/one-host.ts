/**
 * `node --conditions=@opendatahub-sql/source one-host.ts [PER_SECOND] [REQUESTS]`: many resources of one host with a limit, and how much of it is
 * used; then files that are cut again and again, and how many of their bytes are sent twice. Prints JSON; the server counts.
 */
import { Fetch } from "@opendatahub-sql/core"
import { layer } from "@opendatahub-sql/fetch"
import * as Effect from "effect/Effect"
import { createHash } from "node:crypto"
import { mkdtemp, rm } from "node:fs/promises"
import { createServer } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"

const perSecond = Number(process.argv[2] ?? 50)
const requests = Number(process.argv[3] ?? 500)
const LATENCY = 30
/** With so long an answer, what counts is how soon the next request follows the last answer. */
const SLOW = { requests: 100, perHost: 4, latency: 200 }
const FILES = 20
const content = Buffer.alloc(8 * 1024 ** 2, createHash("sha512").update("x").digest())
const sha256 = createHash("sha256").update(content).digest("hex")

const arrivals: Array<number> = []
let sent = 0
let cuts = 0
const server = createServer((request, response) => {
  if ((request.url ?? "").startsWith("/slow")) return void setTimeout(() => response.end("a\n1\n"), SLOW.latency)
  if (!(request.url ?? "").startsWith("/cut")) {
    arrivals.push(performance.now())
    setTimeout(() => response.end("a;b\n1;2\n"), LATENCY)
    return
  }
  const from = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0)
  // Each answer ends after 1 to 3 MiB, at a place that the number of cuts decides.
  const most = 1024 ** 2 * (1 + ((cuts * 7_919) % 2_000) / 1_000)
  const part = content.subarray(from, from + most)
  sent += part.length
  response.writeHead(from === 0 ? 200 : 206, {
    etag: '"v1"',
    "content-length": content.length - from,
    ...(from === 0 ? {} : { "content-range": `bytes ${from}-${content.length - 1}/${content.length}` }),
  })
  if (part.length === content.length - from) return void response.end(part)
  cuts += 1
  response.write(part, () => response.socket?.end())
})
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
const address = server.address()
const url = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`
const folder = await mkdtemp(join(tmpdir(), "odh-one-host-"))

const bring = (paths: ReadonlyArray<string>, options: Parameters<typeof layer>[0]) =>
  Effect.runPromise(
    Fetch.use((fetch) =>
      Effect.forEach(paths, (path) => fetch.download({ url: url + path, name: "f.csv" }, { folder }), {
        concurrency: 100,
      }),
    ).pipe(Effect.provide(layer({ allowPrivate: ["127.0.0.1"], ...options }))),
  )

await bring(
  Array.from({ length: requests }, (_, n) => `/${n}`),
  { perSecond, perHost: 8 },
)
const seconds = ((arrivals.at(-1) ?? 0) - (arrivals[0] ?? 0)) / 1_000
const fastest = Math.max(...arrivals.map((at) => arrivals.filter((one) => one >= at && one < at + 1_000).length))
const slowAt = performance.now()
await bring(
  Array.from({ length: SLOW.requests }, (_, n) => `/slow/${n}`),
  { perHost: SLOW.perHost },
)
const ideal = (SLOW.requests / SLOW.perHost) * SLOW.latency
const atOnce = { perHost: SLOW.perHost, used: ideal / (performance.now() - slowAt) }
const files = await bring(
  Array.from({ length: FILES }, (_, n) => `/cut/${n}`),
  { firstWait: 1 },
)
console.log(
  JSON.stringify({
    limit: { perSecond, used: (requests - 1) / seconds / perSecond, mostInASecond: fastest },
    atOnce,
    cuts: {
      files: FILES,
      cuts,
      right: files.filter((file) => file._tag === "Downloaded" && file.sha256 === sha256).length,
      sentTwice: sent / (FILES * content.length) - 1,
    },
  }),
)
server.close()
server.closeAllConnections()
await rm(folder, { recursive: true, force: true })
