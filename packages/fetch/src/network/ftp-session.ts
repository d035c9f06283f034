/** A session with an FTP server, under the same guard as the web: the address that was checked is the one that is used, for the data too. */
import { type FetchError, misconfigured, terminal, transient } from "@opendatahub-sql/core"
import { Client, FTPError } from "basic-ftp"
import * as Effect from "effect/Effect"
import { isIP, type LookupFunction } from "node:net"
import { failure, networkFailure } from "../failure.ts"
import type { Settings } from "../options.ts"
import { guardedLookup, refuseHost } from "./guard.ts"
import { percentDecoded } from "./url.ts"

/** A file as the server knows it. Bytes, and an instant in milliseconds; left out where the server does not say. */
export interface RemoteFile {
  readonly client: Client
  readonly path: string
  readonly size?: number
  readonly modified?: number
}

/** Whether an address is spoken to by FTP. */
export const isFtp = ({ protocol }: URL): boolean => protocol === "ftp:" || protocol === "ftps:"

const EXPLICIT_PORT = 21
const IMPLICIT_PORT = 990

/** The host as `URL` normalises it for the protocols that it knows: `ftps` is not one of them. */
const hostOf = (url: URL): string => new URL(url.href.replace(/^ftps:/, "ftp:")).hostname.replace(/^\[(.*)\]$/, "$1")

const addressOf = (url: URL, host: string, lookup: LookupFunction): Effect.Effect<string, FetchError> =>
  isIP(host) !== 0
    ? Effect.succeed(host)
    : Effect.callback((resume) => {
        lookup(host, {}, (error, address) =>
          resume(
            error === null && typeof address === "string"
              ? Effect.succeed(address)
              : Effect.fail(networkFailure(url, error ?? new Error(`${host} has no address`))),
          ),
        )
      })

/** 4xx of FTP may pass, 5xx will not (RFC 959, section 4.2.1); a session that ends in the middle may pass too. */
export const ftpFailure = (url: URL, error: unknown): FetchError => {
  if (error instanceof FTPError) {
    const says = `the FTP server answered ${error.code}`
    if (error.code < 500) return failure(url, `${says}; try again later`, transient(), error)
    if (error.code === 530)
      return failure(
        url,
        `${says}: it wants a user and a password, or refuses them; check the address`,
        terminal,
        error,
      )
    if (error.code === 550)
      return failure(url, `${says}: the file is not there any more; look at the dataset's page`, terminal, error)
    return failure(url, `${says}; check the address`, terminal, error)
  }
  const isCoded = error instanceof Error && "code" in error && typeof error.code === "string"
  if (isCoded) return networkFailure(url, error)
  return failure(url, "the FTP connection was lost or stood still; try again later", transient(), error)
}

const asked = <A>(url: URL, call: () => Promise<A>): Effect.Effect<A, FetchError> =>
  Effect.tryPromise({ try: call, catch: (error) => ftpFailure(url, error) })

/** What a server may not know: nothing then. */
const maybe = <A>(url: URL, call: () => Promise<A>): Effect.Effect<A | undefined, FetchError> =>
  asked(url, call).pipe(
    Effect.catchIf(
      ({ reason }) => reason._tag === "Terminal",
      () => Effect.succeed(undefined),
    ),
  )

/** Connects, logs in (anonymously without a user in the address) and asks about the file. The session ends with the scope. */
export const openFtp = Effect.fnUntraced(function* (url: URL, settings: Settings, allowed: (host: string) => boolean) {
  const host = hostOf(url)
  const refused = refuseHost(host, allowed)
  if (refused !== undefined) return yield* failure(url, refused, misconfigured)
  const path = percentDecoded(url.pathname)
  // eslint-disable-next-line no-control-regex -- a line feed would be a command of its own
  if (/[\u0000-\u001f\u007f]/.test(path + percentDecoded(url.username + url.password)))
    return yield* failure(url, "it has a control character; correct the address", misconfigured)

  const client = yield* Effect.acquireRelease(
    Effect.sync(() => new Client(settings.timeouts.idle)),
    (opened) => Effect.sync(() => opened.close()),
  )
  const address = yield* addressOf(url, host, guardedLookup(settings.lookup, allowed))
  const tls = isIP(host) === 0 ? { servername: host } : { host }
  const isImplicit = url.protocol === "ftps:" && url.port !== String(EXPLICIT_PORT)
  const port = Number(url.port || (isImplicit ? IMPLICIT_PORT : EXPLICIT_PORT))
  yield* asked(url, async () => {
    const late = (): void =>
      client.ftp.closeWithError(Object.assign(new Error("no connection"), { code: "UND_ERR_CONNECT_TIMEOUT" }))
    const timer = setTimeout(late, settings.timeouts.connect)
    try {
      if (isImplicit) await client.connectImplicitTLS(address, port, tls)
      else await client.connect(address, port)
      if (url.protocol === "ftps:" && !isImplicit) await client.useTLS(tls)
    } finally {
      clearTimeout(timer)
    }
  })
  yield* asked(url, async () => {
    await client.login(percentDecoded(url.username) || "anonymous", percentDecoded(url.password) || "opendatahub-sql@")
    await client.useDefaultSettings()
  })
  const size = yield* maybe(url, () => client.size(path))
  const modified = yield* maybe(url, () => client.lastMod(path))
  return {
    client,
    path,
    ...(size === undefined ? {} : { size }),
    ...(modified === undefined ? {} : { modified: modified.getTime() }),
  } satisfies RemoteFile
})
