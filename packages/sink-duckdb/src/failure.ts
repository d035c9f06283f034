import { type EngineError, SinkError, terminal } from "@opendatahub-sql/core"

const isTagged = (cause: unknown, tag: string): boolean =>
  typeof cause === "object" && cause !== null && "_tag" in cause && cause._tag === tag

/** What the engine or the disk said, as the sink's error: a reason is kept. */
export const sinkError = (operation: string, target: string, cause: unknown): SinkError => {
  if (isTagged(cause, "SinkError")) return cause as SinkError
  if (!isTagged(cause, "EngineError")) {
    return new SinkError({
      plugin: "duckdb",
      operation,
      message: `${target}: ${cause instanceof Error ? cause.message : String(cause)}`,
      reason: terminal,
      cause,
    })
  }
  const { message, reason } = cause as EngineError
  return new SinkError({ plugin: "duckdb", operation, message: `${target}: ${message}`, reason, cause })
}
