/** From an answer to bytes in the partial file. */
import { type DownloadProgress, type FetchError, misconfigured, terminal, transient } from "@opendatahub-sql/core"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { failure, networkFailure, retryAfter, statusFailure } from "../failure.ts"
import { encodings, unknownEncoding } from "../network/body.ts"
import type { Answer } from "../network/exchange.ts"
import { append, type PartialFile, startAgain } from "./partial.ts"
import { contentLength, continues, rangeTotal, versionOf } from "./version.ts"

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

/** The failure of a file that nobody wants so large. */
export const tooLarge = (url: URL, maxBytes: number) =>
  failure(url, `the file is larger than ${maxBytes} bytes; raise the option \`maxBytes\` if you want it`, misconfigured)

/** Takes over the body of an answer, chunk by chunk: the server is held back while the disk writes. */
export const transfer = Effect.fnUntraced(function* (
  part: PartialFile,
  answer: Answer,
  total: number | undefined,
  expected: Expectation,
) {
  const clock = yield* Clock.Clock
  const next = Effect.mapError(answer.body, (error) => networkFailure(answer.url, error))
  let reported = 0
  while (true) {
    const bytes = yield* next
    if (bytes === undefined) break
    if (part.size + bytes.length > expected.maxBytes) return yield* tooLarge(answer.url, expected.maxBytes)
    const now = clock.currentTimeMillisUnsafe()
    yield* append(part, bytes, now)
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
  if (status === 304) {
    return yield* failure(
      url,
      "the server answered 304 Not Modified, but nothing was asked for; tell the publisher",
      terminal,
    )
  }

  if (expected.resumed) {
    const goesOn = status === 206 && part.version !== undefined && continues(part.version, part.size, headers)
    if (status === 416 || (status === 206 && !goesOn)) return { _tag: "Restart" }
  }
  const isWhole = status === 200 || status === 203
  if (!isWhole && !(expected.resumed && status === 206)) {
    const now = yield* Clock.currentTimeMillis
    return yield* statusFailure(url, status, retryAfter(headers["retry-after"], now))
  }

  const unknown = unknownEncoding(headers)
  if (unknown !== undefined) {
    return yield* failure(
      url,
      `the answer is encoded as ${unknown}, which was not asked for and cannot be undone here`,
      terminal,
    )
  }
  const encoded = encodings(headers).length > 0
  const total = isWhole ? (encoded ? undefined : contentLength(headers)) : (rangeTotal(headers) ?? part.version?.total)
  if (total !== undefined && total > expected.maxBytes) return yield* tooLarge(url, expected.maxBytes)
  if (isWhole) yield* startAgain(part, versionOf(headers))
  yield* transfer(part, answer, total, expected)
  return { _tag: "Whole", answer }
})
