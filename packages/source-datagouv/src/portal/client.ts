/**
 * GET on the API of one portal: time limit, repetitions, redirects, size limit, JSON. It speaks to the origin of the portal's own URL and
 * to nothing else: neither a redirect nor a `next_page` can send it, or the API key, to another host.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as Redacted from "effect/Redacted"
import { misconfigured, terminal, transient } from "@opendatahub-sql/core"
import { failure } from "../failure.ts"
import type { Http } from "../options.ts"
import { judge, type Received } from "./judge.ts"
import { ATTEMPTS, waitBefore } from "./retry.ts"

/** For one request, body included, in milliseconds: the portal needs seconds for large datasets. */
const TIME_LIMIT = 30_000
/** Bytes of one answer. A page of 100 resources is under 1 MB. */
const LARGEST_ANSWER = 64 * 1024 * 1024
const MOST_REDIRECTS = 5
/** The name under which the portal sees us. */
export const USER_AGENT = "opendatahub-sql (+https://github.com/opendatahub-sql/opendatahub-sql)"

/** One question: a path of the API, its parameters and the mask of the fields that are wanted. */
export interface Question {
  /** What is asked about, for messages: `dataset jours-feries`. */
  readonly subject: string
  readonly path: string
  readonly query?: ReadonlyArray<readonly [string, string]>
  readonly fields?: string
}

/** How to reach the portal. */
export interface Connection {
  readonly url: string
  readonly apiKey: Redacted.Redacted<string> | undefined
  readonly http: Http
}

/** `undefined`: the answer is too large. */
const readText = async (response: Response): Promise<string | undefined> => {
  const decoder = new TextDecoder()
  let text = ""
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength
    if (bytes > LARGEST_ANSWER) return undefined
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}

const receive = async (
  http: Http,
  url: URL,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<Received> => {
  const response = await http(url, { headers, redirect: "manual", signal })
  return {
    status: response.status,
    location: response.headers.get("location"),
    retryAfter: response.headers.get("retry-after"),
    text: await readText(response),
  }
}

const causeOf = (cause: unknown): string =>
  cause instanceof Error ? (cause.cause instanceof Error ? cause.cause.message : cause.message) : String(cause)

/** The place a redirect names, on our own origin: a portal behind a proxy may name itself with another scheme or port. */
const followed = (from: URL, location: string): URL | undefined => {
  if (!URL.canParse(location, from.href)) return undefined
  const to = new URL(location, from)
  return to.hostname === from.hostname ? new URL(to.pathname + to.search, from.origin) : undefined
}

const attempt = Effect.fnUntraced(function* (
  { url: portal, apiKey, http }: Connection,
  { subject, path, query, fields }: Question,
) {
  const headers: Record<string, string> = {
    accept: "application/json",
    "user-agent": USER_AGENT,
    ...(fields === undefined ? {} : { "X-Fields": fields }),
    ...(apiKey === undefined ? {} : { "X-API-KEY": Redacted.value(apiKey) }),
  }
  let url = new URL(portal.replace(/\/*$/, path))
  for (const [name, value] of query ?? []) url.searchParams.append(name, value)
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
    const target = url
    const received = yield* Effect.tryPromise({
      try: (signal) => receive(http, target, headers, signal),
      catch: (cause) =>
        failure(
          "discover",
          transient(),
          `${subject}: ${target.host} cannot be reached (${causeOf(cause)}); check the network and try again`,
          cause,
        ),
    }).pipe(
      Effect.timeoutOrElse({
        duration: TIME_LIMIT,
        orElse: () =>
          Effect.fail(
            failure(
              "discover",
              transient(),
              `${subject}: ${target.host} did not answer within ${TIME_LIMIT / 1000} s; try again later`,
            ),
          ),
      }),
    )
    if (received.location === null || received.status < 300 || received.status >= 400) {
      return yield* judge(subject, apiKey !== undefined, received, yield* Clock.currentTimeMillis)
    }
    const next = followed(target, received.location)
    if (next === undefined) {
      return yield* failure(
        "discover",
        misconfigured,
        `${subject}: ${target.host} redirects to another host, which is not followed: set \`url\` to the portal's own address`,
      )
    }
    url = next
  }
  return yield* failure("discover", terminal, `${subject}: more than ${MOST_REDIRECTS} redirects`)
})

/** Asks once or, where that may help, up to {@link ATTEMPTS} times. */
export const ask = Effect.fn("Datagouv.ask")(function* (connection: Connection, question: Question) {
  for (let next = 2; ; next++) {
    const result = yield* Effect.result(attempt(connection, question))
    if (result._tag === "Success") return result.success
    const { reason } = result.failure
    if (reason._tag !== "Transient" || next > ATTEMPTS) return yield* result.failure
    yield* Effect.sleep(waitBefore(next, reason.retryAfterMs, yield* Random.next))
  }
})
