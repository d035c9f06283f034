/** Requests to an Iceberg REST catalog: where it says it is, who we are, JSON that loses no digit, and what an answer means. */
import { misconfigured, type SinkError, transient } from "@opendatahub-sql/core"
import * as Clock from "effect/Clock"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { failure } from "../failure.ts"
import { formatJson, parseJson } from "../table/values/json.ts"

/** Who we are: OAuth2 client credentials, a token that we were given, or nobody. */
export type RestAuthentication =
  | { readonly type: "none" }
  | { readonly type: "bearer"; readonly token: Redacted.Redacted<string> }
  | {
      readonly type: "client-credentials"
      readonly clientId: string
      readonly clientSecret: Redacted.Redacted<string>
      /** `PRINCIPAL_ROLE:ALL` for Polaris. */
      readonly scope?: string
      /** Where tokens are given (`<uri>/v1/oauth/tokens`). */
      readonly tokenUri?: string
    }

/** Where a catalog is. */
export interface RestOptions {
  readonly uri: string
  readonly warehouse?: string
  readonly authentication: RestAuthentication
}

/** The catalog answered with an error, or nothing is known of its answer (`status` 0). */
export class RestFailure extends Data.TaggedError("RestFailure")<{
  readonly status: number
  readonly message: string
}> {}

/** A request; `path` below the prefix that the catalog gave. */
export type Request = <Answer>(
  method: "GET" | "POST" | "HEAD",
  path: string,
  body?: unknown,
) => Effect.Effect<Answer, RestFailure | SinkError>

/** How long an answer may take, in ms. */
const PATIENCE = 60_000
/** Of a token's life, what is left when a new one is asked for, in ms. */
const RENEW_BEFORE = 60_000
/** Of what a catalog says of an error, so much is shown: some send the stack of their program. */
const LONGEST_MESSAGE = 300

interface Config {
  readonly defaults?: Readonly<Record<string, string>>
  readonly overrides?: Readonly<Record<string, string>>
  readonly endpoints?: ReadonlyArray<string>
}

const errorText = (body: string): string => {
  const message = /"message"\s*:\s*"((?:[^"\\]|\\.)*)"/.exec(body)?.[1] ?? body
  return message.slice(0, LONGEST_MESSAGE)
}

const send = (url: string, init: RequestInit): Effect.Effect<string, RestFailure> =>
  Effect.flatMap(
    Effect.tryPromise({
      try: async () => {
        const response = await fetch(url, { ...init, signal: AbortSignal.timeout(PATIENCE) })
        return { status: response.status, ok: response.ok, text: await response.text() }
      },
      catch: (cause) =>
        new RestFailure({
          status: 0,
          message: `no answer from ${new URL(url).host}: ${cause instanceof Error ? (cause.cause instanceof Error ? cause.cause.message : cause.message) : String(cause)}`,
        }),
    }),
    ({ status, ok, text }) =>
      ok ? Effect.succeed(text) : Effect.fail(new RestFailure({ status, message: `${status}: ${errorText(text)}` })),
  )

/** What an error means when nothing was to be changed. */
export const asSinkError =
  (operation: string, purpose: string) =>
  (error: RestFailure | SinkError): SinkError => {
    if (error._tag === "SinkError") return error
    const { status, message } = error
    const reason =
      status === 401 || status === 403 || status === 419
        ? misconfigured
        : status === 0 || status === 429 || status >= 500
          ? transient()
          : undefined
    return failure(operation, `could not ${purpose}: the catalog says ${message}`, reason)
  }

const tokens = (options: RestOptions) => {
  const { authentication } = options
  let known: { readonly token: string; readonly until: number } | undefined
  return Effect.fnUntraced(function* (): Effect.fn.Return<Readonly<Record<string, string>>, RestFailure> {
    if (authentication.type === "none") return {}
    if (authentication.type === "bearer") return { authorization: `Bearer ${Redacted.value(authentication.token)}` }
    const now = yield* Clock.currentTimeMillis
    if (known === undefined || known.until < now) {
      const body = new URLSearchParams({
        grant_type: "client_credentials",
        client_id: authentication.clientId,
        client_secret: Redacted.value(authentication.clientSecret),
        ...(authentication.scope === undefined ? {} : { scope: authentication.scope }),
      })
      const text = yield* send(authentication.tokenUri ?? `${options.uri.replace(/\/$/, "")}/v1/oauth/tokens`, {
        method: "POST",
        body,
      })
      const answer = JSON.parse(text) as { readonly access_token: string; readonly expires_in?: number }
      known = { token: answer.access_token, until: now + (answer.expires_in ?? 3600) * 1000 - RENEW_BEFORE }
    }
    return { authorization: `Bearer ${known.token}` }
  })
}

/** A catalog that answers. `settings`: what it says of the store; `offers`: whether it has an endpoint. */
export interface RestClient {
  readonly request: Request
  readonly settings: Readonly<Record<string, string>>
  readonly offers: (endpoint: string) => boolean
}

/** Asks the catalog for its configuration. */
export const openRestClient = Effect.fn("RestCatalog.open")(function* (
  options: RestOptions,
): Effect.fn.Return<RestClient, SinkError> {
  const base = `${options.uri.replace(/\/$/, "")}/v1`
  const headers = tokens(options)
  const at =
    (root: string): Request =>
    <Answer>(method: "GET" | "POST" | "HEAD", path: string, body?: unknown) =>
      Effect.gen(function* () {
        const text = yield* send(`${root}${path}`, {
          method,
          headers: {
            ...(yield* headers()),
            accept: "application/json",
            ...(body === undefined ? {} : { "content-type": "application/json" }),
          },
          ...(body === undefined ? {} : { body: formatJson(body) }),
        })
        return (text === "" ? {} : parseJson(text)) as Answer
      })
  const warehouse = options.warehouse === undefined ? "" : `?warehouse=${encodeURIComponent(options.warehouse)}`
  const config = yield* at(base)<Config>("GET", `/config${warehouse}`).pipe(
    Effect.mapError(asSinkError("open", `open the catalog at ${options.uri}`)),
  )
  const settings = { ...config.defaults, ...config.overrides }
  const prefix = settings["prefix"]
  return {
    request: at(prefix === undefined ? base : `${base}/${encodeURIComponent(prefix)}`),
    settings,
    // A catalog that names no endpoints has those of the first version of the specification.
    offers: (endpoint) => config.endpoints?.includes(endpoint) ?? false,
  }
})
