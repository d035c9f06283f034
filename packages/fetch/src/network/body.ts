/** The body of an answer, as the file's own bytes. */
import * as Effect from "effect/Effect"
import { pipeline, type Readable } from "node:stream"
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib"

/** Takes all bytes that are there, waiting for some; undefined at the end. Fails with the stream's error once everything before it was taken. */
export type Body = Effect.Effect<Uint8Array | undefined, unknown>

const decoders: Readonly<Record<string, () => NodeJS.ReadWriteStream>> = {
  gzip: createGunzip,
  "x-gzip": createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
}

/** The encodings that stand between the body and the file, in the order in which they were applied. */
export const encodings = (headers: Readonly<Record<string, string>>): ReadonlyArray<string> =>
  (headers["content-encoding"] ?? "")
    .toLowerCase()
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "" && name !== "identity")

/** The first encoding that cannot be undone here. */
export const unknownEncoding = (headers: Readonly<Record<string, string>>): string | undefined =>
  encodings(headers).find((name) => decoders[name] === undefined)

const decoded = (body: Readable, names: ReadonlyArray<string>): Readable => {
  const streams = names.toReversed().flatMap((name) => decoders[name]?.() ?? [])
  // An error of any stream comes out of the last one, where it is read.
  return streams.length === 0 ? body : (pipeline([body, ...streams], () => undefined) as unknown as Readable)
}

/** Bytes that may wait for the disk before the server is held back. */
const mostWaiting = 256 * 1024

/**
 * Starts to read at once. A stream that fails forgets what it holds, and a server that cuts every few kilobytes would never be done with: so
 * what has come is kept here, in front of the error.
 */
export const bodyOf = (raw: Readable, headers: Readonly<Record<string, string>>): Body => {
  const stream = decoded(raw, encodings(headers))
  let waiting: Array<Uint8Array> = []
  let size = 0
  let end: Effect.Effect<undefined, unknown> | undefined
  let wake = (): void => undefined
  const stop = (how: Effect.Effect<undefined, unknown>) => {
    end ??= how
    wake()
  }
  stream.on("data", (chunk: Uint8Array) => {
    waiting.push(chunk)
    size += chunk.length
    if (size >= mostWaiting) stream.pause()
    wake()
  })
  stream.on("end", () => stop(Effect.succeed(undefined)))
  stream.on("error", (error) => stop(Effect.fail(error)))

  return Effect.callback((resume) => {
    wake = () => {
      const [first, ...more] = waiting
      if (first === undefined && end === undefined) return
      wake = () => undefined
      if (first === undefined) return resume(end ?? Effect.succeed(undefined))
      waiting = []
      size = 0
      if (stream.isPaused()) stream.resume()
      resume(Effect.succeed(more.length === 0 ? first : Buffer.concat([first, ...more])))
    }
    wake()
  })
}
