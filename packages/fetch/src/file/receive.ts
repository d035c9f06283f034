/** From an answer to bytes in the partial file. */
import { type DownloadProgress, type FetchError, misconfigured, terminal, transient } from "@opendatahub-sql/core"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { pipeline, type Readable } from "node:stream"
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib"
import { failure, networkFailure, retryAfter, statusFailure } from "../failure.ts"
import type { Answer } from "../network/exchange.ts"
import { append, type PartialFile, startAgain } from "./partial.ts"
import { contentLength, continues, encodings, rangeTotal, versionOf } from "./version.ts"

/** How a request ended: the file is whole, it has not changed, or what is there is of no use and must be asked for again from the start. */
export type Received =
  | { readonly _tag: "Whole"; readonly answer: Answer }
  | { readonly _tag: "NotModified" }
  | { readonly _tag: "Restart" }

/** What to make of an answer. */
export interface Expectation {
  /** A range was asked for: the bytes from `PartialFile.size` on. */
  readonly resumed: boolean
  /** Validators were sent. */
  readonly conditional: boolean
  readonly maxBytes: number
  readonly onProgress: ((progress: DownloadProgress) => void) | undefined
}

const progressEvery = 100

const decoders: Readonly<Record<string, () => NodeJS.ReadWriteStream>> = {
  gzip: createGunzip,
  "x-gzip": createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
}

/** The file's own bytes: `identity` was asked for, but some servers encode whatever one asks. */
const decodedBody = (answer: Answer): Effect.Effect<Readable, FetchError> => {
  const names = encodings(answer.headers)
  const unknown = names.find((name) => decoders[name] === undefined)
  if (unknown !== undefined) {
    return Effect.fail(
      failure(
        answer.url,
        `the answer is encoded as ${unknown}, which was not asked for and is not known here`,
        terminal,
      ),
    )
  }
  return Effect.sync(() => {
    const streams = names.toReversed().flatMap((name) => decoders[name]?.() ?? [])
    // An error of any stream comes out of the last one, where it is read.
    return streams.length === 0
      ? answer.body
      : (pipeline([answer.body, ...streams], () => undefined) as unknown as Readable)
  })
}

const tooLarge = (url: URL, maxBytes: number) =>
  failure(url, `the file is larger than ${maxBytes} bytes; raise the option \`maxBytes\` if you want it`, misconfigured)

/** Takes over the body of an answer, chunk by chunk: the server is held back while the disk writes. */
const transfer = Effect.fnUntraced(function* (
  part: PartialFile,
  answer: Answer,
  total: number | undefined,
  expected: Expectation,
) {
  const clock = yield* Clock.Clock
  const body = yield* decodedBody(answer)
  const chunks = body[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>
  let reported = 0
  while (true) {
    const step = yield* Effect.tryPromise({
      try: () => chunks.next(),
      catch: (error) => networkFailure(answer.url, error),
    })
    if (step.done === true) break
    if (part.size + step.value.length > expected.maxBytes) return yield* tooLarge(answer.url, expected.maxBytes)
    const now = clock.currentTimeMillisUnsafe()
    yield* append(part, step.value, now)
    if (now - reported >= progressEvery) {
      reported = now
      expected.onProgress?.({ received: part.size, total })
    }
  }
  expected.onProgress?.({ received: part.size, total })
  if (total !== undefined && part.size !== total) {
    return yield* failure(
      answer.url,
      `${part.size} bytes came where the server announced ${total}; try again later`,
      transient(),
    )
  }
})

/** Reads an answer to its end. Fails transient when the body is cut; what came until then stays in `part`. */
export const receive = Effect.fnUntraced(function* (
  part: PartialFile,
  answer: Answer,
  expected: Expectation,
): Effect.fn.Return<Received, FetchError> {
  const { headers, status, url } = answer
  if (status === 304 && expected.conditional) return { _tag: "NotModified" }
  if (status === 304)
    return yield* failure(
      url,
      "the server answered 304 Not Modified to a request without validators; tell the publisher",
      terminal,
    )

  if (expected.resumed) {
    const goesOn = status === 206 && part.version !== undefined && continues(part.version, part.size, headers)
    if (status === 416 || (status === 206 && !goesOn)) return { _tag: "Restart" }
  }
  const isWhole = status === 200 || status === 203
  if (!isWhole && !(expected.resumed && status === 206)) {
    const now = yield* Clock.currentTimeMillis
    return yield* statusFailure(url, status, retryAfter(headers["retry-after"], now))
  }

  const encoded = encodings(headers).length > 0
  const total = isWhole ? (encoded ? undefined : contentLength(headers)) : (rangeTotal(headers) ?? part.version?.total)
  if (total !== undefined && total > expected.maxBytes) return yield* tooLarge(url, expected.maxBytes)
  if (isWhole) yield* startAgain(part, versionOf(headers))
  yield* transfer(part, answer, total, expected)
  return { _tag: "Whole", answer }
})
