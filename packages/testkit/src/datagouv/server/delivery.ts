import type { ServerResponse } from "node:http"
import { setTimeout as wait } from "node:timers/promises"
import type { Answer } from "../api/answer.ts"

/** How an answer travels; nothing said: at once and whole. */
export interface Delivery {
  readonly bytesPerSecond?: number
  /** Bytes of body after which the connection is closed. */
  readonly cutAfter?: number
  /** Bytes of body after which nothing more comes. */
  readonly stallAfter?: number
  readonly never?: true
  readonly lengthDifference?: number
  readonly chunked?: true
}

const tick = 20

const chunkSize = 65_536

const bodiless = (status: number): boolean => status === 204 || status === 304

/** What the server wants to know while an answer travels. */
export interface Watch {
  /** Bytes of body about to be handed over. */
  readonly sent: (bytes: number) => void
  /** The last bytes are about to leave: a client that has them all must not count as still open. */
  readonly ending: () => void
}

/** Writes an answer. Ends early if the client goes away. */
export const deliver = async (
  response: ServerResponse,
  method: string,
  answer: Answer,
  delivery: Delivery,
  watch: Watch,
): Promise<void> => {
  if (delivery.never) return
  const size = answer.body.length
  const lengthHeader =
    delivery.chunked || bodiless(answer.status)
      ? {}
      : { "Content-Length": String(size + (delivery.lengthDifference ?? 0)) }
  response.writeHead(answer.status, { ...answer.headers, ...lengthHeader })
  const end =
    method === "HEAD" || bodiless(answer.status)
      ? 0
      : Math.min(size, delivery.cutAfter ?? Infinity, delivery.stallAfter ?? Infinity)
  if (end > 0) response.flushHeaders()
  const pace = delivery.bytesPerSecond
  const step = pace === undefined ? chunkSize : Math.max(1, Math.round((pace * tick) / 1000))
  const stalls = delivery.stallAfter !== undefined && end < size
  for (let from = 0; from < end && !response.destroyed; from += step) {
    const chunk = answer.body.subarray(from, Math.min(from + step, end))
    if (pace !== undefined) await wait((chunk.length * 1000) / pace)
    watch.sent(chunk.length)
    if (from + step >= end && !stalls) watch.ending()
    await written(response, chunk)
  }
  if (stalls) return
  watch.ending()
  const honest = (delivery.cutAfter ?? Infinity) >= size && (delivery.lengthDifference ?? 0) === 0
  if (honest) response.end()
  else response.destroy()
}

/** Resolves once the chunk is handed to the system, or the connection is gone. */
const written = (response: ServerResponse, chunk: Uint8Array): Promise<void> =>
  new Promise((resolve) => {
    const done = () => {
      response.off("close", done)
      resolve()
    }
    response.once("close", done)
    response.write(chunk, done)
  })
