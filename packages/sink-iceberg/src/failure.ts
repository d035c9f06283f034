/** The sink's errors, out of what the table format, the disk, the catalog and the engine say. */
import { type EngineError, misconfigured, type Reason, SinkError, terminal, transient } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"

/** A failure of this sink. `message` says what, of which table, and what to do. */
export const failure = (operation: string, message: string, reason: Reason = terminal, cause?: unknown): SinkError =>
  new SinkError({ plugin: "iceberg", operation, message, reason, ...(cause === undefined ? {} : { cause }) })

const codeOf = (cause: unknown): string | undefined =>
  cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : undefined

const reasonOf = (cause: unknown): Reason => {
  const code = codeOf(cause)
  if (code === "EACCES" || code === "EROFS" || code === "ENOTDIR") return misconfigured
  return code === "EMFILE" || code === "EAGAIN" || code === "EBUSY" ? transient() : terminal
}

const words = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

/** What was thrown while doing something; `purpose` continues "could not". */
export const thrown = (operation: string, purpose: string, cause: unknown): SinkError =>
  failure(operation, `could not ${purpose}: ${words(cause)}`, reasonOf(cause), cause)

/** Work on the disk or the network. */
export const onDisk = <A>(operation: string, purpose: string, run: () => Promise<A>): Effect.Effect<A, SinkError> =>
  Effect.tryPromise({ try: run, catch: (cause) => thrown(operation, purpose, cause) })

/** A decision of the table format, which throws a RangeError when a table is not what it should be. */
export const decide = <A>(operation: string, purpose: string, run: () => A): Effect.Effect<A, SinkError> =>
  Effect.try({ try: run, catch: (cause) => thrown(operation, purpose, cause) })

/** What the engine says, as the sink's error; its reason is kept. */
export const fromEngine =
  (operation: string) =>
  (error: EngineError): SinkError =>
    failure(operation, error.message, error.reason, error)
