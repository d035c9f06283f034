/** A door in front of a catalog that fails at commits, as networks and gateways do. */
import { createServer, request } from "node:http"
import type { AddressInfo } from "node:net"

/** What becomes of a commit: its answer is lost after it was made, or before it is made there is an error of a gateway. */
export type Mishap = "answer-lost" | "gateway-error"

export interface Door {
  readonly uri: string
  /** Commits that got this far. */
  readonly commits: () => number
  /** What happens to the next commits, one each. */
  readonly expect: (...mishaps: ReadonlyArray<Mishap>) => void
  readonly close: () => Promise<void>
}

/** Opens a door on a free port of the loopback. */
export const openDoor = async (catalog: string): Promise<Door> => {
  const target = new URL(catalog)
  const planned: Array<Mishap> = []
  let commits = 0
  const server = createServer((incoming, outgoing) => {
    const isCommit = incoming.method === "POST" && /\/tables\/[^/]+$/.test(incoming.url ?? "")
    if (isCommit) commits += 1
    const mishap = isCommit ? planned.shift() : undefined
    if (mishap === "gateway-error") {
      incoming.resume()
      outgoing.writeHead(502).end("<html>Bad Gateway</html>")
      return
    }
    const { method, url, headers } = incoming
    const onward = request(
      { host: target.hostname, port: target.port, method, path: url, headers: { ...headers, host: target.host } },
      (answer) => {
        if (mishap === "answer-lost") {
          answer.resume()
          answer.on("end", () => incoming.socket.destroy())
          return
        }
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(outgoing)
      },
    )
    onward.on("error", () => incoming.socket.destroy())
    incoming.pipe(onward)
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  return {
    uri: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    commits: () => commits,
    expect: (...mishaps) => planned.push(...mishaps),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
