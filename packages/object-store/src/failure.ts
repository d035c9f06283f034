/** What a store refused, with whether trying again can help. */
import { misconfigured, type Reason, terminal, transient } from "@opendatahub-sql/core"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"

/** A store failed. `message` completes "could not …" with the store's own words; it holds no secret. */
export class StoreError extends Data.TaggedError("StoreError")<{
  readonly message: string
  readonly reason: Reason
  /** Of the answer; `undefined` when there was none. */
  readonly status?: number
  readonly cause?: unknown
}> {}

const nameOf = (cause: unknown): string => (cause instanceof Error ? cause.name : "")

/** The HTTP status of the store's answer. */
export const statusOf = (cause: unknown): number | undefined => {
  const metadata = (cause as { readonly $metadata?: { readonly httpStatusCode?: number } }).$metadata
  return metadata?.httpStatusCode
}

/** Whether the store says that there is no such object, or no such upload any more. */
export const isMissing = (cause: unknown): boolean => statusOf(cause) === 404 && nameOf(cause) !== "NoSuchBucket"

/** Whether a condition was refused: the object is there already, or is another one than expected. */
export const isRefused = (cause: unknown): boolean => statusOf(cause) === 412

/** Bytes that changed on their way, and writers that met: sending the same again is right. */
const AGAIN = new Set([
  "BadDigest",
  "InvalidDigest",
  "XAmzContentSHA256Mismatch",
  "XAmzContentChecksumMismatch",
  "ConditionalRequestConflict",
  "IncompleteBody",
  "RequestTimeout",
  "OperationAborted",
])

const reasonOf = (cause: unknown): Reason => {
  const status = statusOf(cause)
  const name = nameOf(cause)
  if (AGAIN.has(name)) return transient()
  if (name === "CredentialsProviderError" || name === "NoSuchBucket" || status === 401 || status === 403)
    return misconfigured
  return status === undefined || status < 400 || status >= 500 || status === 429 ? transient() : terminal
}

const ADVICE: ReadonlyMap<string, string> = new Map([
  ["CredentialsProviderError", "give AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile"],
  ["NoSuchBucket", "make the bucket, or correct its name"],
  ["RequestTimeTooSkewed", "set the clock of this machine"],
])

/** What was thrown while doing something; `purpose` continues "could not". */
export const storeError = (purpose: string, cause: unknown): StoreError => {
  const status = statusOf(cause)
  const words = cause instanceof Error ? cause.message : String(cause)
  const advice = ADVICE.get(nameOf(cause)) ?? (status === 403 ? "check the credentials and what they allow" : undefined)
  return new StoreError({
    message: `could not ${purpose}: ${[nameOf(cause), words].filter((one) => one !== "").join(" ")}${advice === undefined ? "" : `: ${advice}`}`,
    reason: reasonOf(cause),
    ...(status === undefined ? {} : { status }),
    cause,
  })
}

const isFull = (cause: unknown): boolean =>
  cause instanceof Error && "code" in cause && (cause.code === "ENOSPC" || cause.code === "EDQUOT")

/** Work on a file of this machine, tried once. `purpose` continues "could not". */
export const onDisk = <A>(purpose: string, run: () => Promise<A>): Effect.Effect<A, StoreError> =>
  Effect.tryPromise({
    try: run,
    catch: (cause) =>
      new StoreError({
        message: `could not ${purpose}: ${isFull(cause) ? "the disk is full: free some space, then run again" : cause instanceof Error ? cause.message : String(cause)}`,
        reason: isFull(cause) ? transient() : terminal,
        cause,
      }),
  })
