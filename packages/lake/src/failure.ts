/** Errors of the lake: what happened, to what, and what to do next. */
import { LakeError, misconfigured, type Reason, terminal, transient } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"

/** A {@link LakeError} of this package. */
export const failure = (operation: string, message: string, reason: Reason = terminal, cause?: unknown): LakeError =>
  new LakeError({ plugin: "lake", operation, message, reason, ...(cause === undefined ? {} : { cause }) })

const codeOf = (cause: unknown): string | undefined =>
  typeof cause === "object" && cause !== null && "code" in cause && typeof cause.code === "string"
    ? cause.code
    : undefined

/** Whether a failed call to the file system says `code`. */
export const saysCode = (cause: unknown, ...codes: ReadonlyArray<string>): boolean =>
  codes.includes(codeOf(cause) ?? "")

const ADVICE: ReadonlyMap<string, readonly [reason: Reason, advice: string]> = new Map([
  ["ENOSPC", [transient(), "the disk is full: free some space, then run again"]],
  ["EDQUOT", [transient(), "the disk quota is used up: free some space, then run again"]],
  ["EFBIG", [transient(), "the disk takes no file that large: raise the limit (ulimit -f), or move the lake"]],
  ["EMFILE", [transient(), "too many open files: raise the limit (ulimit -n) or lower the concurrency"]],
  ["ENFILE", [transient(), "too many open files on this machine: run again later"]],
  ["EBUSY", [transient(), "the file is in use: run again later"]],
  ["EACCES", [misconfigured, "permission denied: let this user read and write the lake's folder"]],
  ["EPERM", [misconfigured, "operation not permitted: let this user read and write the lake's folder"]],
  ["EROFS", [misconfigured, "the file system is read-only: move the lake, or mount it for writing"]],
  ["ENOTDIR", [misconfigured, "a file stands where a folder should: move it away"]],
])

/** What the file system refused, as a {@link LakeError}. */
export const diskFailure = (operation: string, what: string, cause: unknown): LakeError => {
  const code = codeOf(cause)
  const [reason, advice] = ADVICE.get(code ?? "") ?? [terminal, code ?? String(cause)]
  return failure(operation, `could not ${what}: ${advice}`, reason, cause)
}

/** A call to the file system. `what` completes "could not …". */
export const disk = <A>(operation: string, what: string, call: () => Promise<A>): Effect.Effect<A, LakeError> =>
  Effect.tryPromise({ try: call, catch: (cause) => diskFailure(operation, what, cause) })

/** A short synchronous call to the file system. `what` completes "could not …". */
export const diskNow = <A>(operation: string, what: string, call: () => A): Effect.Effect<A, LakeError> =>
  Effect.try({ try: call, catch: (cause) => diskFailure(operation, what, cause) })

/** A stored file that is not there. */
export const missing = (path: string): LakeError =>
  failure(
    "open",
    `${path} is missing from the lake: run \`odh lake verify\`, then restore it from a copy or fetch the resource again`,
  )

/** A stored file that is not as long as its record says (bytes). */
export const differs = (file: { readonly path: string; readonly bytes: number }, size: number): LakeError =>
  failure(
    "open",
    `${file.path} is ${size} bytes, its record says ${file.bytes}: run \`odh lake verify\`, then restore it from a copy`,
  )
