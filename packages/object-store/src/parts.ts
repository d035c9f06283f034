/** A large file goes in parts, each with its own checksum, and appears whole when the last request is answered. */
import * as Effect from "effect/Effect"
import { open } from "node:fs/promises"
import { addressOf } from "./address.ts"
import type { Client } from "./client.ts"
import { isMissing, isRefused, onDisk, type StoreError } from "./failure.ts"

/** The interface takes no more. */
const MOST_PARTS = 10_000
/** Parts on their way at once: so many buffers are in memory. */
const AT_ONCE = 3

/** A file of this machine on its way. `when` is a condition of the SDK. */
export interface LargeFile {
  readonly location: string
  readonly path: string
  readonly size: number
  readonly part: number
  readonly when: { readonly IfNoneMatch?: string; readonly IfMatch?: string }
}

/** Sends a file in parts. What it had sent is taken back when it fails. */
export const putInParts = Effect.fnUntraced(function* (
  { sdk, s3, ask }: Client,
  { location, path, size, part, when }: LargeFile,
): Effect.fn.Return<"stored" | "refused", StoreError> {
  const address = addressOf(location)
  const partSize = Math.max(part, Math.ceil(size / MOST_PARTS))
  const { UploadId } = yield* ask(`write ${location}`, (abortSignal) =>
    s3.send(new sdk.CreateMultipartUploadCommand({ ...address, ChecksumAlgorithm: "CRC32" }), { abortSignal }),
  )
  const upload = { ...address, UploadId }
  const giveUp = Effect.ignore(
    Effect.tryPromise((abortSignal) => s3.send(new sdk.AbortMultipartUploadCommand(upload), { abortSignal })),
  )

  const send = Effect.gen(function* () {
    const file = yield* Effect.acquireRelease(
      onDisk(`read ${path}`, () => open(path, "r")),
      (handle) => Effect.promise(() => handle.close()),
    )
    const numbers = Array.from({ length: Math.ceil(size / partSize) }, (_, index) => index + 1)
    return yield* Effect.forEach(
      numbers,
      Effect.fnUntraced(function* (PartNumber) {
        const start = (PartNumber - 1) * partSize
        const Body = Buffer.alloc(Math.min(partSize, size - start))
        yield* onDisk(`read ${path}`, () => file.read(Body, 0, Body.length, start))
        const { ETag, ChecksumCRC32 } = yield* ask(`write part ${PartNumber} of ${location}`, (abortSignal) =>
          s3.send(new sdk.UploadPartCommand({ ...upload, PartNumber, Body, ChecksumAlgorithm: "CRC32" }), {
            abortSignal,
          }),
        )
        return { PartNumber, ETag, ...(ChecksumCRC32 === undefined ? {} : { ChecksumCRC32 }) }
      }),
      { concurrency: AT_ONCE },
    )
  }).pipe(Effect.scoped)

  return yield* Effect.gen(function* () {
    const Parts = yield* send
    const outcome = yield* ask(`write ${location}`, (abortSignal) =>
      s3
        .send(new sdk.CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts }, ...when }), {
          abortSignal,
        })
        .then(
          () => "stored" as const,
          (cause: unknown) => {
            if (isRefused(cause)) return "refused" as const
            // The answer to an attempt before was lost: the upload is gone because it is done.
            if (isMissing(cause)) return "gone" as const
            throw cause
          },
        ),
    )
    if (outcome === "refused") yield* giveUp
    return outcome === "gone" ? "refused" : outcome
  }).pipe(Effect.onError(() => giveUp))
})
