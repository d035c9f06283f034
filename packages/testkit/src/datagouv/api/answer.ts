import type { Json } from "../catalogue/json.ts"

/** An HTTP answer before it is delivered. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/** A request as the routes see it. */
export interface Asked {
  readonly method: string
  readonly url: URL
  readonly headers: Readonly<Record<string, string | ReadonlyArray<string> | undefined>>
}

/** udata sends no ETag, Last-Modified or Cache-Control on API answers. */
export const json = (status: number, value: Json): Answer => ({
  status,
  headers: { "Content-Type": "application/json", Vary: "Origin, Cookie" },
  body: Buffer.from(JSON.stringify(value)),
})

export const message = (status: number, text: string): Answer => json(status, { message: text })

/** A refused parameter. */
export const invalid = (field: string, text: string): Answer =>
  json(400, { errors: { [field]: [text] }, message: "Input payload validation failed" })

export const redirect = (status: number, location: string): Answer => ({
  status,
  headers: { "Content-Type": "text/html; charset=utf-8", Location: location, Vary: "Origin, Cookie" },
  body: Buffer.from(`<!doctype html>\n<title>Redirecting...</title>\n<a href="${location}">${location}</a>\n`),
})
