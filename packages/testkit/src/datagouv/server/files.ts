import type { Answer, Asked } from "../api/answer.ts"
import { instantOf } from "../catalogue/instant.ts"

/** A file as the static host knows it. */
export interface ServedFile {
  readonly bytes: Uint8Array
  /** Without quotes. */
  readonly etag: string
  /** ISO date. */
  readonly lastModified: string
  readonly contentType: string
}

const httpDate = (iso: string): string => new Date(instantOf(iso)).toUTCString()

const header = (asked: Asked, name: string): string | undefined => {
  const value = asked.headers[name]
  return typeof value === "string" ? value : undefined
}

/** RFC 9110 13.2.2: If-None-Match wins over If-Modified-Since. */
const notModified = (asked: Asked, file: ServedFile): boolean => {
  const tags = header(asked, "if-none-match")
  if (tags !== undefined)
    return tags.split(",").some((tag) => ["*", `"${file.etag}"`].includes(tag.trim().replace(/^W\//, "")))
  const since = Date.parse(header(asked, "if-modified-since") ?? "")
  return !Number.isNaN(since) && Date.parse(httpDate(file.lastModified)) <= since
}

const rangeHolds = (asked: Asked, file: ServedFile): boolean => {
  const condition = header(asked, "if-range")
  return condition === undefined || condition === `"${file.etag}"` || condition === httpDate(file.lastModified)
}

/** One byte range, end included; `undefined` for a header to ignore, "unsatisfiable" for 416. */
const rangeOf = (text: string | undefined, size: number): readonly [number, number] | "unsatisfiable" | undefined => {
  const found = /^bytes=(\d*)-(\d*)$/.exec(text ?? "")
  if (found === null) return undefined
  const [, first = "", last = ""] = found
  if (first === "" && last === "") return undefined
  if (first !== "" && last !== "" && Number(last) < Number(first)) return undefined
  const from = first === "" ? Math.max(0, size - Number(last)) : Number(first)
  const to = first === "" || last === "" ? size - 1 : Math.min(Number(last), size - 1)
  return from > to ? "unsatisfiable" : [from, to]
}

/** A static file: ETag, Last-Modified, 304, one byte range (206, 416), If-Range. */
export const answerFile = (asked: Asked, file: ServedFile): Answer => {
  const headers = {
    "Content-Type": file.contentType,
    ETag: `"${file.etag}"`,
    "Last-Modified": httpDate(file.lastModified),
    "Accept-Ranges": "bytes",
  }
  const size = file.bytes.length
  if (notModified(asked, file)) return { status: 304, headers, body: new Uint8Array() }
  const range = rangeHolds(asked, file) ? rangeOf(header(asked, "range"), size) : undefined
  if (range === undefined) return { status: 200, headers, body: file.bytes }
  if (range === "unsatisfiable") {
    return { status: 416, headers: { ...headers, "Content-Range": `bytes */${size}` }, body: new Uint8Array() }
  }
  const [from, to] = range
  return {
    status: 206,
    headers: { ...headers, "Content-Range": `bytes ${from}-${to}/${size}` },
    body: file.bytes.subarray(from, to + 1),
  }
}
