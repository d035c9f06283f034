/** Downloads, from the request to the file: this is the order in which things happen. */
import {
  type Downloaded,
  type DownloadRequest,
  Fetch,
  FetchError,
  misconfigured,
  type NotModified,
  transient,
} from "@opendatahub-sql/core"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import { failure, isGone } from "./failure.ts"
import { fileName } from "./file/file-name.ts"
import { finish, openPartial, type PartialFile, startAgain } from "./file/partial.ts"
import { receive } from "./file/receive.ts"
import { validatorsOf } from "./file/version.ts"
import { ftpAttempt } from "./ftp.ts"
import { openDispatcher } from "./network/dispatcher.ts"
import { type Answer, exchange, type FileRequest, type Network } from "./network/exchange.ts"
import { isFtp } from "./network/ftp-session.ts"
import { hostRule } from "./network/guard.ts"
import { parseUrl, publicUrl } from "./network/url.ts"
import { type FetchOptions, settingsOf } from "./options.ts"
import { persist } from "./persist.ts"
import { openHostBook } from "./politeness/host-book.ts"
import { makeTurns } from "./politeness/turns.ts"
import { conditions, ownHeaders, rangeFrom } from "./request-headers.ts"

type Options = Parameters<Fetch["Service"]["download"]>[1]

const kept = new Set([
  "etag",
  "last-modified",
  "content-type",
  "content-length",
  "content-disposition",
  "content-encoding",
  "content-language",
  "date",
  "server",
  "cache-control",
  "expires",
  "age",
  "vary",
  "via",
])

const now = Effect.map(Clock.currentTimeMillis, (ms) => new Date(ms).toISOString())

/** One try: asks for what is missing, and for all of it when what is there turns out to be of another version. */
const attempt = Effect.fnUntraced(function* (network: Network, base: FileRequest, part: PartialFile, options: Options) {
  const { maxBytes } = network.settings
  if (isFtp(base.url)) {
    const etag = options.validators?.etag
    const expected = {
      resumed: part.size > 0,
      conditional: etag !== undefined,
      maxBytes,
      onProgress: options.onProgress,
    }
    return yield* ftpAttempt(network, base.url, part, { ...expected, etag })
  }
  const condition = conditions(options.validators ?? {})
  const ask = Effect.suspend(() => {
    const range = rangeFrom(part)
    return exchange(network, { ...base, headers: { ...base.headers, ...condition, ...range } }, (answer) =>
      receive(part, answer, {
        resumed: "range" in range,
        conditional: Object.keys(condition).length > 0,
        maxBytes,
        onProgress: options.onProgress,
      }),
    )
  })
  const received = yield* ask
  if (received._tag !== "Restart") return received
  yield* startAgain(part, undefined)
  return yield* ask
})

const described = (answer: Answer, part: PartialFile, request: DownloadRequest) => {
  const mediaType = answer.headers["content-type"] ?? request.mediaType
  const headers = Object.fromEntries(Object.entries(answer.headers).filter(([name]) => kept.has(name)))
  return {
    name: fileName(answer.headers["content-disposition"], request.name, answer.url),
    bytes: part.size,
    ...(mediaType === undefined ? {} : { mediaType }),
    finalUrl: publicUrl(answer.url),
    // A 206 may leave out what the first answer said.
    validators: { ...part.version?.validators, ...validatorsOf(answer.headers) },
    // The length of the last range says nothing about the file.
    headers: answer.status === 206 ? { ...headers, "content-length": String(part.size) } : headers,
  }
}

const downloadOne = (network: Network) =>
  Effect.fn("Fetch.download")(function* (
    request: DownloadRequest,
    options: Options,
  ): Effect.fn.Return<Downloaded | NotModified, FetchError> {
    const startedAt = yield* now
    const { settings } = network
    const url = parseUrl(request.url, settings.protocols)
    if (typeof url === "string") return yield* failure(request.url, url, misconfigured)
    const base = {
      url,
      ...ownHeaders(url, request.headers ?? {}),
      headers: { accept: "*/*", "accept-encoding": "identity", "user-agent": settings.userAgent },
    }

    return yield* Effect.gen(function* () {
      const part = yield* openPartial(url, options.folder)
      const received = yield* persist(attempt(network, base, part, options), part, settings)
      if (received._tag !== "Whole") return { _tag: "NotModified" as const, startedAt, endedAt: yield* now }
      const facts = described(received.answer, part, request)
      return { _tag: "Downloaded" as const, ...(yield* finish(part)), ...facts, startedAt, endedAt: yield* now }
    }).pipe(
      Effect.scoped,
      Effect.timeoutOrElse({
        duration: settings.timeouts.whole,
        orElse: () =>
          Effect.fail(
            failure(url, "not whole in the time of `timeouts.whole`; the next attempt goes on from here", transient()),
          ),
      }),
    )
  })

const download = (network: Network): Fetch["Service"]["download"] => {
  const one = downloadOne(network)
  return (request, options) => {
    const { orElse, ...first } = request
    if (orElse === undefined) return one(first, options)
    const { validators: _ofTheFirst, ...others } = options
    return Effect.catchIf(one(first, options), isGone, () => one({ ...first, url: orElse }, others))
  }
}

const proxyFailure = (cause: unknown) =>
  new FetchError({
    plugin: "fetch",
    operation: "open",
    message: "HTTPS_PROXY or HTTP_PROXY is not the address of a proxy; write it as http://host:port",
    reason: misconfigured,
    cause: cause instanceof Error ? cause.name : cause,
  })

/**
 * The downloader of core, over the network: resumable, conditional, polite, and kept to the public internet. Connections live as long as the
 * layer. Sizes in bytes, times in milliseconds. A download fails with `FetchError`: `Transient` after the last retry, `Terminal` when trying
 * again is of no use, `Config` when an option or a variable of the environment must change.
 */
export const layer = (options: FetchOptions = {}): Layer.Layer<Fetch> =>
  Layer.effect(
    Fetch,
    Effect.gen(function* () {
      const settings = settingsOf(options)
      const allowed = hostRule(settings.allowPrivate)
      const dispatcher = yield* Effect.acquireRelease(
        Effect.result(Effect.try({ try: () => openDispatcher(settings, allowed), catch: proxyFailure })),
        (opened) => (Result.isSuccess(opened) ? Effect.promise(() => opened.success.destroy()) : Effect.void),
      )
      const book = yield* Effect.acquireRelease(
        Effect.sync(() => openHostBook(settings.hostBook, settings.perHost)),
        (opened) => Effect.sync(() => opened.close()),
      )
      const turns = makeTurns(book, settings)
      return Fetch.of({
        download: (request, options) =>
          Effect.fromResult(dispatcher).pipe(
            Effect.flatMap((dispatcher) => download({ settings, allowed, turns, dispatcher })(request, options)),
          ),
      })
    }),
  )
