import { gzipSync } from "node:zlib"
import { redirect } from "../api/answer.ts"
import type { Answer, Asked } from "../api/answer.ts"
import type { Delivery } from "./delivery.ts"

/** One way a server fails or lies. Plain data: it can be sent to the control address as JSON. */
export type Behaviour =
  /** Sends the body at this pace. */
  | { readonly kind: "slow"; readonly bytesPerSecond: number }
  /** Takes the request and never answers. */
  | { readonly kind: "hang" }
  /** Closes the connection after so many bytes of body. */
  | { readonly kind: "cut"; readonly afterBytes: number }
  /** Goes silent after so many bytes of body, connection open. */
  | { readonly kind: "stall"; readonly afterBytes: number }
  /** 404, 410, 429, 5xx...; `retryAfter` is the header's value, seconds or a date. */
  | { readonly kind: "status"; readonly status: number; readonly retryAfter?: number | string }
  /** Announces a length `difference` bytes off the truth. */
  | { readonly kind: "wrong-length"; readonly difference: number }
  /** Announces no length: a chunked answer. */
  | { readonly kind: "no-length" }
  | { readonly kind: "wrong-type"; readonly contentType: string }
  /** Redirects `hops` times, then serves the file; or once to `location`. */
  | { readonly kind: "redirect"; readonly hops?: number; readonly location?: string; readonly status?: number }
  | { readonly kind: "redirect-loop" }
  /** An error page with status 200 and the type of the file. */
  | { readonly kind: "html" }
  /** A new ETag on each answer; validators sent by the client never match. */
  | { readonly kind: "changing-etag" }
  /** Ignores Range and says nothing of ranges. */
  | { readonly kind: "no-range" }
  /** HEAD answers 405. */
  | { readonly kind: "no-head" }
  /** The body gzipped, with Content-Encoding. */
  | { readonly kind: "gzip" }

/** Where: a path (a `*` at the end matches any rest), or the id of a resource for its file. */
export type Target = string

/** A behaviour in force. */
export interface Fault {
  readonly target: Target
  readonly behaviour: Behaviour
  /** Requests left to spoil. */
  left: number
}

/** The first fault in force for a path, counted down. */
export const takeFault = (
  faults: ReadonlyArray<Fault>,
  path: string,
  resourceId: string | undefined,
): Behaviour | undefined => {
  const matches = ({ target, left }: Fault): boolean =>
    left > 0 &&
    (target === resourceId || target === path || (target.endsWith("*") && path.startsWith(target.slice(0, -1))))
  const fault = faults.find(matches)
  if (fault === undefined) return undefined
  fault.left -= 1
  return fault.behaviour
}

const without = (headers: Asked["headers"], ...names: ReadonlyArray<string>): Asked["headers"] =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name)))

/** The request as a server with this behaviour understands it. */
export const misread = (asked: Asked, behaviour: Behaviour | undefined): Asked => {
  switch (behaviour?.kind) {
    case "no-range":
    case "gzip":
      return { ...asked, headers: without(asked.headers, "range", "if-range") }
    case "changing-etag":
      return {
        ...asked,
        headers: without(asked.headers, "if-none-match", ...("if-range" in asked.headers ? ["range", "if-range"] : [])),
      }
    default:
      return asked
  }
}

const page = (title: string): Uint8Array =>
  Buffer.from(`<!doctype html>\n<html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>\n`)

const withHeaders = (answer: Answer, headers: Readonly<Record<string, string>>): Answer => ({
  ...answer,
  headers: { ...answer.headers, ...headers },
})

let etags = 0

const hopQuery = "redirected"

const nextHop = (url: URL, hops: number): string => {
  const done = Number(url.searchParams.get(hopQuery)?.split("-")[0] ?? 0)
  const target = new URL(url)
  target.searchParams.set(hopQuery, `${done + 1}-${hops}`)
  return target.pathname + target.search
}

/** A request in the middle of a redirect chain goes on, whatever faults are left; `undefined` for any other request. */
export const followHop = (url: URL): Answer | "arrived" | undefined => {
  const [done, hops] = (url.searchParams.get(hopQuery) ?? "").split("-").map(Number)
  if (done === undefined || hops === undefined) return undefined
  return done < hops ? redirect(302, nextHop(url, hops)) : "arrived"
}

/** The path and query without the mark of a redirect chain. */
export const withoutHop = (url: URL): URL => {
  const plain = new URL(url)
  plain.searchParams.delete(hopQuery)
  return plain
}

/** What becomes of a good answer, and how it is delivered. */
export const spoil = (asked: Asked, answer: Answer, behaviour: Behaviour | undefined): readonly [Answer, Delivery] => {
  switch (behaviour?.kind) {
    case undefined:
      return [answer, {}]
    case "slow":
      return [answer, { bytesPerSecond: behaviour.bytesPerSecond }]
    case "hang":
      return [answer, { never: true }]
    case "cut":
      return [answer, { cutAfter: behaviour.afterBytes }]
    case "stall":
      return [answer, { stallAfter: behaviour.afterBytes }]
    case "status": {
      const retry = behaviour.retryAfter === undefined ? {} : { "Retry-After": String(behaviour.retryAfter) }
      return [
        {
          status: behaviour.status,
          headers: { "Content-Type": "text/html; charset=utf-8", ...retry },
          body: page(String(behaviour.status)),
        },
        {},
      ]
    }
    case "wrong-length":
      return [answer, { lengthDifference: behaviour.difference }]
    case "no-length":
      return [answer, { chunked: true }]
    case "wrong-type":
      return [withHeaders(answer, { "Content-Type": behaviour.contentType }), {}]
    case "redirect":
      return [redirect(behaviour.status ?? 302, behaviour.location ?? nextHop(asked.url, behaviour.hops ?? 1)), {}]
    case "redirect-loop":
      return [redirect(302, asked.url.pathname + asked.url.search), {}]
    case "html":
      return [
        {
          status: 200,
          headers: { "Content-Type": answer.headers["Content-Type"] ?? "text/html" },
          body: page("Service indisponible"),
        },
        {},
      ]
    case "changing-etag": {
      etags += 1
      return [withHeaders(answer, { ETag: `"changing-${etags}"` }), {}]
    }
    case "no-range": {
      const { "Accept-Ranges": _, ...headers } = answer.headers
      return [{ ...answer, headers }, {}]
    }
    case "no-head":
      return [asked.method === "HEAD" ? { status: 405, headers: { Allow: "GET" }, body: new Uint8Array() } : answer, {}]
    case "gzip": {
      const { "Accept-Ranges": _, ...headers } = answer.headers
      return [{ ...answer, headers: { ...headers, "Content-Encoding": "gzip" }, body: gzipSync(answer.body) }, {}]
    }
  }
}
