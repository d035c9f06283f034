/**
 * `node server.ts`: fifty hosts on one port, told apart by the Host header; each answer takes 30 ms, and one in twenty resources misbehaves.
 * Paths are `/RUN/NUMBER`. Prints its port; `/report/RUN` says what the run did.
 */
import { createServer } from "node:http"
import { bytesOf } from "./resource.ts"

const LATENCY = 30

interface Run {
  readonly attempts: Map<string, number>
  readonly open: Map<string, number>
  readonly most: Map<string, number>
}

const runs = new Map<string, Run>()
const runOf = (name: string): Run => {
  const run = runs.get(name) ?? { attempts: new Map(), open: new Map(), most: new Map() }
  runs.set(name, run)
  return run
}

const server = createServer((request, response) => {
  const [, name = "", number = ""] = (request.url ?? "").split("/")
  if (name === "report") {
    const { attempts, most } = runOf(number)
    const requests = [...attempts.values()].reduce((sum, count) => sum + count, 0)
    response.end(JSON.stringify({ requests, hosts: most.size, mostAtOnce: Math.max(...most.values()) }))
    return
  }
  const run = runOf(name)
  const host = request.headers.host ?? ""
  const attempt = run.attempts.get(number) ?? 0
  run.attempts.set(number, attempt + 1)
  const open = (run.open.get(host) ?? 0) + 1
  run.open.set(host, open)
  run.most.set(host, Math.max(open, run.most.get(host) ?? 0))
  response.once("close", () => run.open.set(host, (run.open.get(host) ?? 1) - 1))
  setTimeout(() => {
    const bytes = bytesOf(Number(number))
    const kind = Number(number) % 100
    const headers = { "content-length": bytes.length, "content-type": "application/octet-stream" }
    if (kind === 7) response.writeHead(404).end()
    else if ((kind === 17 || kind === 37) && attempt === 0) response.writeHead(503).end()
    else if (kind === 57 && attempt === 0) response.writeHead(500).end()
    else if (kind === 77 && attempt === 0) {
      response.writeHead(200, headers).write(bytes.subarray(0, bytes.length / 2), () => response.destroy())
    } else response.writeHead(200, headers).end(bytes)
  }, LATENCY)
})
server.listen(0, "127.0.0.1", () => {
  const address = server.address()
  console.log(typeof address === "object" && address !== null ? address.port : 0)
})
