/** Engine errors: what was being done, and the engine's own words without the query or megabytes of it. */
import { EngineError, misconfigured, type Reason, terminal, transient } from "@opendatahub-sql/core"

const LONGEST_MESSAGE = 600

const words = (cause: unknown): string => {
  const message = cause instanceof Error ? cause.message : String(cause)
  const cut = message.indexOf("\n\nLINE ")
  const short = cut === -1 ? message : message.slice(0, cut)
  return short.length > LONGEST_MESSAGE ? `${short.slice(0, LONGEST_MESSAGE)}…` : short
}

const isLockConflict = (message: string): boolean =>
  message.includes("Conflicting lock") || message.includes("Could not set lock on file")

const reasonOf = (message: string): Reason => {
  if (isLockConflict(message)) return transient()
  return message.includes("different configuration") ? misconfigured : terminal
}

/** Turns what the engine (or the file system under it) threw into an {@link EngineError}; `purpose` continues "could not". */
export const engineError = (operation: string, purpose: string, cause: unknown): EngineError => {
  const detail = words(cause)
  const hint = isLockConflict(detail) ? " (another process has the file open: wait for it, or close it)" : ""
  return new EngineError({
    plugin: "duckdb",
    operation,
    message: `could not ${purpose}${hint}: ${detail}`,
    reason: reasonOf(detail),
    cause: cause instanceof Error ? new Error(detail) : cause,
  })
}
