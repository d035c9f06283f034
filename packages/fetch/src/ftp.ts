/** One try at a file over FTP: as over the web, what is there is gone on with while size and date are the same. */
import { FTPError } from "basic-ftp"
import * as Effect from "effect/Effect"
import { PassThrough } from "node:stream"
import type { PartialFile } from "./file/partial.ts"
import { startAgain } from "./file/partial.ts"
import { type Expectation, type Received, tooLarge, transfer } from "./file/receive.ts"
import type { Version } from "./file/version.ts"
import { bodyOf } from "./network/body.ts"
import type { Answer, Network } from "./network/exchange.ts"
import { ftpFailure, openFtp, type RemoteFile } from "./network/ftp-session.ts"

/** Size and date stand for the version, where the server tells both; there is nothing better in FTP (RFC 3659, sections 3 and 4). */
const versionOf = ({ size, modified }: RemoteFile): Version | undefined => {
  if (size === undefined || modified === undefined) return undefined
  const etag = `"${size}-${modified}"`
  return { validators: { etag, lastModified: new Date(modified).toUTCString() }, ifRange: etag, total: size }
}

const headersOf = ({ size }: RemoteFile, version: Version | undefined): Record<string, string> => ({
  ...(size === undefined ? {} : { "content-length": String(size) }),
  ...(version?.validators.etag === undefined ? {} : { etag: version.validators.etag }),
  ...(version?.validators.lastModified === undefined ? {} : { "last-modified": version.validators.lastModified }),
})

/** Servers that know no `REST` say so with these codes. */
const NO_RESTART = new Set([500, 501, 502, 504])

/** The file's bytes from `part.size` on, into the partial file; tells whether the server can begin there. */
const bring = Effect.fnUntraced(function* (
  { client, path, size }: RemoteFile,
  part: PartialFile,
  answer: Omit<Answer, "body">,
  expected: Expectation,
) {
  const from = part.size
  const pipe = new PassThrough()
  let error: unknown
  const done = client.downloadTo(pipe, path, from).catch((cause: unknown) => {
    error = cause
  })
  const moved = yield* Effect.result(transfer(part, { ...answer, body: bodyOf(pipe, {}) }, size, expected))
  // The data ends before the server says why: one turn of the loop later it has.
  yield* Effect.promise(() => (moved._tag === "Success" ? done : new Promise(setImmediate)))
  if (from > 0 && part.size === from && error instanceof FTPError && NO_RESTART.has(error.code)) return false
  if (error !== undefined) return yield* ftpFailure(answer.url, error)
  if (moved._tag === "Failure") return yield* moved.failure
  return true
})

/** Asks for what is missing, in a turn of the host; nothing is brought when the validators are those of before. */
export const ftpAttempt = (
  network: Network,
  url: URL,
  part: PartialFile,
  expected: Expectation & { readonly etag: string | undefined },
) =>
  Effect.scoped(
    Effect.gen(function* () {
      const file = yield* openFtp(url, network.settings, network.allowed).pipe(
        Effect.tapError(({ reason, message }) =>
          reason._tag === "Transient" ? network.turns.unheard(url, message) : Effect.void,
        ),
      )
      const version = versionOf(file)
      if (expected.etag !== undefined && expected.etag === version?.validators.etag)
        return { _tag: "NotModified" } satisfies Received
      if (file.size !== undefined && file.size > expected.maxBytes) return yield* tooLarge(url, expected.maxBytes)
      if (version === undefined || part.version?.ifRange !== version.ifRange) yield* startAgain(part, version)
      const answer = { url, status: 200, headers: headersOf(file, version) }
      const isThere = part.size > 0 && part.size === file.size
      if (!isThere && !(yield* bring(file, part, answer, expected))) {
        yield* startAgain(part, version)
        yield* bring(file, part, answer, expected)
      }
      return { _tag: "Whole", answer: { ...answer, body: Effect.succeed(undefined) } } satisfies Received
    }),
  ).pipe(network.turns.take(url))
