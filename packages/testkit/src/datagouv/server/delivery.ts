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

/** Writes an answer; `sent` hears of each body chunk handed over, in bytes. Ends early if the client goes away. */
export const deliver = async (
  response: ServerResponse,
  method: string,
  answer: Answer,
  delivery: Delivery,
  sent: (bytes: number) => void,
): Promise<void> => {
  if (delivery.never) return
  const length = answer.body.length + (delivery.lengthDifference ?? 0)
  const lengthHeader = delivery.chunked || bodiless(answer.status) ? {} : { "Content-Length": String(length) }
  response.writeHead(answer.status, { ...answer.headers, ...lengthHeader })
  if (method === "HEAD" || bodiless(answer.status)) {
    response.end()
    return
  }
  response.flushHeaders()
  const end = Math.min(answer.body.length, delivery.cutAfter ?? Infinity, delivery.stallAfter ?? Infinity)
  const step = delivery.bytesPerSecond === undefined ? chunkSize : Math.max(1, Math.round((delivery.bytesPerSecond * tick) / 1000))
  for (let from = 0; from < end && !response.destroyed; from += step) {
    const chunk = answer.body.subarray(from, Math.min(from + step, end))
    sent(chunk.length)
    await written(response, chunk)
    if (delivery.bytesPerSecond !== undefined) await wait((chunk.length * 1000) / delivery.bytesPerSecond)
  }
  if (delivery.stallAfter !== undefined) return
  const honest = (delivery.cutAfter ?? Infinity) >= answer.body.length && (delivery.lengthDifference ?? 0) === 0
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
