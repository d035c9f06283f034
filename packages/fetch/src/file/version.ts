/** Which version of a remote file some bytes are of, and whether an answer goes on with it. Source: RFC 9110, sections 8.8, 13.1.5 and 14. */
import type { Validators } from "@opendatahub-sql/core"
import { encodings } from "../network/body.ts"

/** A version that a later request can ask for. Sizes in bytes. */
export interface Version {
  readonly validators: Validators
  /** What goes into `If-Range`: a strong ETag, or a date that is one. */
  readonly ifRange: string
  readonly total?: number
}

type Headers = Readonly<Record<string, string>>

/** The validators of an answer, as they came. */
export const validatorsOf = (headers: Headers): Validators => ({
  ...(headers["etag"] === undefined ? {} : { etag: headers["etag"] }),
  ...(headers["last-modified"] === undefined ? {} : { lastModified: headers["last-modified"] }),
})

/** A file may change twice in a second, so a date proves something only when the answer is younger (section 8.8.2.2). */
const isStrongDate = (lastModified: string, date: string | undefined): boolean =>
  !Number.isNaN(Date.parse(lastModified)) && (date === undefined || Date.parse(date) - Date.parse(lastModified) >= 1000)

/** Bytes of the body, as declared. */
export const contentLength = (headers: Headers): number | undefined => {
  const text = headers["content-length"]
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined
}

/** The version that a whole answer is of. Undefined: nothing proves it, or the body is encoded; then a cut means starting again. */
export const versionOf = (headers: Headers): Version | undefined => {
  const { etag, lastModified } = validatorsOf(headers)
  const strongTag = etag !== undefined && /^"[^"]*"$/.test(etag) ? etag : undefined
  const strongDate =
    lastModified !== undefined && isStrongDate(lastModified, headers["date"]) ? lastModified : undefined
  const ifRange = strongTag ?? strongDate
  if (ifRange === undefined || encodings(headers).length > 0) return undefined
  const total = contentLength(headers)
  return { validators: validatorsOf(headers), ifRange, ...(total === undefined ? {} : { total }) }
}

/** Whether a 206 goes on at byte `size` with `version`: some servers send a range of whatever they have now, whatever `If-Range` says. */
export const continues = (version: Version, size: number, headers: Headers): boolean => {
  const range = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(headers["content-range"] ?? "")
  const now = validatorsOf(headers)
  const agrees = (before: unknown, after: unknown) => before === undefined || after === undefined || before === after
  return (
    range !== null &&
    Number(range[1]) === size &&
    encodings(headers).length === 0 &&
    agrees(version.total, range[3] === "*" ? undefined : Number(range[3])) &&
    agrees(version.validators.etag, now.etag) &&
    agrees(version.validators.lastModified, now.lastModified)
  )
}

/** The size of the whole file that a 206 tells. */
export const rangeTotal = (headers: Headers): number | undefined => {
  const total = /\/(\d+)$/.exec(headers["content-range"] ?? "")?.[1]
  return total === undefined ? undefined : Number(total)
}
