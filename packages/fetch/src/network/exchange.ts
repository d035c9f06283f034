/** One request and its redirects, up to the answer that is the file. */
import { type FetchError, misconfigured, terminal } from "@opendatahub-sql/core"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { Dispatcher } from "undici"
import { failure, networkFailure, retryAfter } from "../failure.ts"
import type { Settings } from "../options.ts"
import type { Turns } from "../politeness/turns.ts"
import { type Body, bodyOf } from "./body.ts"
import { refuseHost } from "./guard.ts"
import { parseUrl, mend, publicUrl } from "./url.ts"

/** What an exchange needs of the layer. */
export interface Network {
  readonly settings: Settings
  readonly dispatcher: Dispatcher
  readonly allowed: (host: string) => boolean
  readonly turns: Turns
}

/** A request: `own` headers go to the first origin only and win there, `headers` go wherever redirects lead. Names in lower case. */
export interface FileRequest {
  readonly url: URL
  readonly own: Readonly<Record<string, string>>
  /** Whether `own` holds credentials. */
  readonly secret: boolean
  readonly headers: Readonly<Record<string, string>>
}

/** The head of an answer, and its body. */
export interface Answer {
  readonly url: URL
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Body
}

const mostRedirects = 10
const redirects: ReadonlyArray<number> = [301, 302, 303, 307, 308]

/** Header text as meant: servers write UTF-8 where the standard knows bytes only. */
const headerText = (value: string): string => {
  if (!/[\u0080-\u00ff]/.test(value)) return value
  const text = Buffer.from(value, "latin1").toString("utf8")
  return text.includes("\ufffd") ? value : text
}

const headersOf = (received: Dispatcher.ResponseData["headers"]): Record<string, string> =>
  Object.fromEntries(
    Object.entries(received).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, headerText(typeof value === "string" ? value : value.join(", "))]],
    ),
  )

/** The code of what went wrong, as the circuit shows it. */
const reasonIn = ({ cause, message }: FetchError): string =>
  typeof cause === "object" && cause !== null && "code" in cause && typeof cause.code === "string"
    ? cause.code
    : message

/** Where an answer leads to, or undefined when it is the end of the way. */
const target = Effect.fnUntraced(function* (answer: Answer, secret: boolean, protocols: ReadonlyArray<string>) {
  if (!redirects.includes(answer.status)) return undefined
  const location = answer.headers["location"]
  if (location === undefined)
    return yield* failure(answer.url, `the server answered ${answer.status} without saying where to go`, terminal)
  const absolute = URL.parse(mend(location), answer.url.href)
  const next = absolute === null ? "the redirect leads to no address" : parseUrl(absolute.href, protocols)
  if (typeof next === "string") return yield* failure(answer.url, `the redirect cannot be followed: ${next}`, terminal)
  if (next.protocol !== "http:" && next.protocol !== "https:")
    return yield* failure(
      answer.url,
      `the redirect cannot be followed: it leaves the web for ${publicUrl(next)}`,
      terminal,
    )
  next.username = ""
  next.password = ""
  if (answer.url.protocol === "https:" && next.protocol === "http:") {
    if (secret) {
      return yield* failure(
        answer.url,
        `it redirects from https to ${publicUrl(next)}, refused because the request carries credentials`,
        terminal,
      )
    }
    yield* Effect.logWarning(
      `${publicUrl(answer.url)} redirects from https to ${publicUrl(next)}: the file travels in the clear`,
    )
  }
  return next
})

/**
 * Sends a request, follows at most ten redirects and hands the last answer to `use`. The connection and the host's turn are held while `use`
 * runs, and given back whatever happens.
 */
export const exchange = Effect.fnUntraced(function* <A, E, R>(
  network: Network,
  request: FileRequest,
  use: (answer: Answer) => Effect.Effect<A, E, R>,
): Effect.fn.Return<A, E | FetchError, R> {
  const { timeouts } = network.settings
  const seen = new Set<string>()
  let { url, own, secret } = request

  const hop = Effect.gen(function* () {
    const connection = yield* Effect.acquireRelease(
      Effect.sync(() => new AbortController()),
      (controller) => Effect.sync(() => controller.abort()),
    )
    const clock = yield* Clock.Clock
    const asked = clock.currentTimeMillisUnsafe()
    const answer = yield* Effect.tryPromise({
      try: () =>
        network.dispatcher
          .request({
            origin: url.origin,
            path: `${url.pathname}${url.search}`,
            method: "GET",
            headers: { ...request.headers, ...own },
            signal: connection.signal,
            headersTimeout: timeouts.firstByte,
            bodyTimeout: timeouts.idle,
          })
          .then((response): Answer => {
            const headers = headersOf(response.headers)
            return { url, status: response.statusCode, headers, body: bodyOf(response.body, headers) }
          }),
      catch: (error) => networkFailure(url, error),
    }).pipe(
      Effect.tapError((error) =>
        error.reason._tag === "Transient" ? network.turns.unheard(url, reasonIn(error)) : Effect.void,
      ),
    )
    const heardAt = clock.currentTimeMillisUnsafe()
    const wait = retryAfter(answer.headers["retry-after"], heardAt)
    yield* network.turns.heard(url, answer.status, wait, heardAt - asked)
    const next = yield* target(answer, secret, network.settings.protocols)
    return next === undefined ? { value: yield* use(answer) } : { next }
  })

  while (true) {
    const refused = refuseHost(url.hostname, network.allowed)
    if (refused !== undefined) return yield* failure(url, refused, misconfigured)
    if (seen.has(url.href))
      return yield* failure(url, "the redirects go round in a circle; tell the publisher", terminal)
    if (seen.size > mostRedirects)
      return yield* failure(request.url, `more than ${mostRedirects} redirects; tell the publisher`, terminal)
    seen.add(url.href)
    const step = yield* Effect.scoped(hop).pipe(network.turns.take(url))
    if (!("next" in step)) return step.value
    if (step.next.origin !== url.origin) {
      own = {}
      secret = false
    }
    url = step.next
  }
})
