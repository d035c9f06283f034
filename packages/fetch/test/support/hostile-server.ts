/** A server on the loopback that does what real ones do to a download. */
import * as Effect from "effect/Effect"
import { createHash } from "node:crypto"
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http"
import { createServer as createTlsServer } from "node:https"
import { readFileSync } from "node:fs"

/** What came in, in order. */
export interface Seen {
  readonly path: string
  readonly headers: IncomingMessage["headers"]
}

/** One answer; `turn` counts requests from 0. */
export type Handler = (request: IncomingMessage, response: ServerResponse, turn: number) => void

const certificate = new URL("./tls/localhost.cert.pem", import.meta.url)
/** The file to put into NODE_EXTRA_CA_CERTS. */
export const certificatePath = certificate.pathname

/** Runs a server for the scope. */
export const serve = (handler: Handler, secure = false) =>
  Effect.acquireRelease(
    Effect.callback<{
      readonly url: string
      readonly port: number
      readonly seen: Array<Seen>
      readonly close: () => void
    }>((resume) => {
      const seen: Array<Seen> = []
      const listener: RequestListener = (request, response) => {
        seen.push({ path: request.url ?? "", headers: request.headers })
        handler(request, response, seen.length - 1)
      }
      const key = readFileSync(new URL("./tls/localhost.key.pem", import.meta.url))
      const server = secure
        ? createTlsServer({ key, cert: readFileSync(certificate) }, listener)
        : createServer(listener)
      server.listen(0, "127.0.0.1", () => {
        const address = server.address()
        const port = typeof address === "object" && address !== null ? address.port : 0
        const close = () => {
          server.close()
          server.closeAllConnections()
        }
        resume(Effect.succeed({ url: `${secure ? "https" : "http"}://127.0.0.1:${port}`, port, seen, close }))
      })
    }),
    ({ close }) => Effect.sync(close),
  )

/** Bytes that differ at every place, the same for one seed. */
export const bytesOf = (size: number, seed = "a"): Buffer => {
  const blocks: Array<Buffer> = []
  for (let at = 0; at < size; at += 32) blocks.push(createHash("sha256").update(`${seed}${at}`).digest())
  return Buffer.concat(blocks).subarray(0, size)
}

export const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex")

/** How one answer of `fileHandler` misbehaves. */
export interface Behaviour {
  readonly content?: Buffer
  readonly etag?: string
  readonly lastModified?: string
  /** Closes the socket after so many bytes of the body. */
  readonly cutAfter?: number
  /** Ignores `Range`. */
  readonly noRange?: boolean
  /** Answers ranges without looking at `If-Range`. */
  readonly deafToIfRange?: boolean
  readonly headers?: Readonly<Record<string, string>>
}

const wanted = (request: IncomingMessage, of: Behaviour, size: number): number | undefined => {
  const start = /^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1]
  if (start === undefined || of.noRange === true) return undefined
  const ifRange = request.headers["if-range"]
  const same = of.deafToIfRange === true || ifRange === undefined || ifRange === of.etag || ifRange === of.lastModified
  return same ? Math.min(Number(start), size) : undefined
}

/** A file with conditional and range requests as RFC 9110 wants them, but for what `behaviour` says of each turn. */
export const fileHandler =
  (content: Buffer, behaviour: (turn: number) => Behaviour): Handler =>
  (request, response, turn) => {
    const of = { content, ...behaviour(turn) }
    const headers = {
      ...(of.etag === undefined ? {} : { etag: of.etag }),
      ...(of.lastModified === undefined ? {} : { "last-modified": of.lastModified }),
      ...of.headers,
    }
    const size = of.content.length
    const tagged = of.etag !== undefined && request.headers["if-none-match"] === of.etag
    const dated =
      request.headers["if-none-match"] === undefined &&
      of.lastModified !== undefined &&
      request.headers["if-modified-since"] === of.lastModified
    if (tagged || dated) return void response.writeHead(304, headers).end()
    const start = wanted(request, of, size)
    if (start !== undefined && start >= size)
      return void response.writeHead(416, { "content-range": `bytes */${size}` }).end()
    const body = of.content.subarray(start ?? 0)
    response.writeHead(start === undefined ? 200 : 206, {
      "content-length": body.length,
      ...(start === undefined ? {} : { "content-range": `bytes ${start}-${size - 1}/${size}` }),
      ...headers,
    })
    if (of.cutAfter === undefined || of.cutAfter >= body.length) return void response.end(body)
    response.flushHeaders()
    if (of.cutAfter === 0) return void response.socket?.end()
    response.write(body.subarray(0, of.cutAfter), () => response.socket?.end())
  }
