/** What a request says: the caller's words, the question whether anything changed, and the range that is missing. */
import type { DownloadRequest, Validators } from "@opendatahub-sql/core"
import * as Redacted from "effect/Redacted"
import type { PartialFile } from "./file/partial.ts"
import type { FileRequest } from "./network/exchange.ts"
import { percentDecoded } from "./network/url.ts"

/** Headers that are the downloader's business: another value would break ranges or the connection. */
const reserved = /^(host|connection|content-length|transfer-encoding|accept-encoding|range|if-.*)$/i

/** The caller's headers, in lower case, and whether they hold credentials. A user in the address becomes a header. */
export const ownHeaders = (
  url: URL,
  headers: NonNullable<DownloadRequest["headers"]>,
): Pick<FileRequest, "own" | "secret"> => {
  const given = Object.entries(headers).filter(([name]) => !reserved.test(name))
  const own = Object.fromEntries(
    given.map(([name, value]) => [name.toLowerCase(), Redacted.isRedacted(value) ? Redacted.value(value) : value]),
  )
  const user =
    url.username === "" && url.password === ""
      ? {}
      : {
          authorization: `Basic ${Buffer.from(`${percentDecoded(url.username)}:${percentDecoded(url.password)}`).toString("base64")}`,
        }
  const secret =
    "authorization" in user ||
    given.some(([name, value]) => Redacted.isRedacted(value) || /auth|cookie|key|token|secret/i.test(name))
  return { own: { ...user, ...own }, secret }
}

/** `If-None-Match` when there is an ETag (a weak one does), else `If-Modified-Since`. Source: RFC 9110, section 13.1. */
export const conditions = ({ etag, lastModified }: Validators): Record<string, string> => {
  if (etag !== undefined) return { "if-none-match": etag }
  return lastModified === undefined ? {} : { "if-modified-since": lastModified }
}

/** What is missing, and only if it is still of the same version. */
export const rangeFrom = (part: PartialFile): Record<string, string> =>
  part.version === undefined || part.size === 0
    ? {}
    : { range: `bytes=${part.size}-`, "if-range": part.version.ifRange }
