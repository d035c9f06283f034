/** A door in front of an object store where things go wrong, as networks and stores do. */
import { createServer, type IncomingMessage, request } from "node:http"
import type { AddressInfo } from "node:net"

/** What becomes of a request: an answer of the store's or the network's, or a changed byte on the way there. */
export type Mishap = "error-500" | "slow-down" | "cut" | "hang" | "corrupted" | "answer-lost"

export interface Door {
  readonly endpoint: string
  /** What happens to the next request. */
  readonly expect: (mishap: Mishap) => void
  /** What happens to the next request whose path and query are such. */
  readonly expectAt: (url: RegExp, mishap: Mishap) => void
  /** What happens to the next object that is written at such a path. */
  readonly expectPut: (url: RegExp, mishap: Mishap) => void
  /** From now on the store says that it wrote what it refused, as one that ignores conditions does. */
  readonly dropConditions: () => void
  /** How far the clock of the store seems to be ahead from now on, in milliseconds. */
  readonly setAhead: (milliseconds: number) => void
  /** How many mishaps have not happened yet. */
  readonly left: () => number
  readonly close: () => Promise<void>
}

const bodyOf = async (incoming: IncomingMessage): Promise<Buffer> => {
  const chunks: Array<Buffer> = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

/** Opens a door on a free port of the loopback. The name in the request stays: it is signed. */
export const openDoor = async (endpoint: string): Promise<Door> => {
  const target = new URL(endpoint)
  let ahead = 0
  let isDeaf = false
  let planned: Array<{ readonly url: RegExp; readonly method?: string; readonly mishap: Mishap }> = []
  const server = createServer((incoming, outgoing) => {
    const { method, url = "", headers } = incoming
    const next = planned.find((one) => one.url.test(url) && (one.method ?? method) === method)
    planned = planned.filter((one) => one !== next)
    const pass = (body: Buffer): void => {
      if (next?.mishap === "hang") return
      if (next?.mishap === "error-500" || next?.mishap === "slow-down") {
        outgoing.writeHead(next.mishap === "error-500" ? 500 : 503).end()
        return
      }
      if (next?.mishap === "corrupted" && body.length > 0) body[body.length >> 1] = 0x20 ^ (body[body.length >> 1] ?? 0)
      const onward = request({ host: target.hostname, port: target.port, method, path: url, headers }, (answer) => {
        if (next?.mishap === "answer-lost") {
          answer.resume().on("end", () => incoming.socket.destroy())
          return
        }
        if (isDeaf && answer.statusCode === 412) {
          answer.resume()
          outgoing.writeHead(200).end()
          return
        }
        const date = new Date(Date.now() + ahead).toUTCString()
        outgoing.writeHead(answer.statusCode ?? 502, { ...answer.headers, date })
        if (next?.mishap === "cut" && method === "GET") {
          answer.once("data", (chunk: Buffer) =>
            outgoing.write(chunk.subarray(0, 100), () => incoming.socket.destroy()),
          )
          return
        }
        if (next?.mishap === "cut") incoming.socket.destroy()
        else answer.pipe(outgoing)
      })
      onward.on("error", () => incoming.socket.destroy())
      // Before the store has it all: what was cut was not stored.
      if (next?.mishap === "cut" && method !== "GET") {
        onward.destroy()
        incoming.socket.destroy()
        return
      }
      onward.end(body)
    }
    bodyOf(incoming).then(pass, () => incoming.socket.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    expect: (mishap) => planned.push({ url: /(?:)/, mishap }),
    expectAt: (url, mishap) => planned.push({ url, mishap }),
    expectPut: (url, mishap) => planned.push({ url, method: "PUT", mishap }),
    dropConditions: () => {
      isDeaf = true
    },
    setAhead: (milliseconds) => {
      ahead = milliseconds
    },
    left: () => planned.length,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
