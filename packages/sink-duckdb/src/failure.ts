import { EngineError, SinkError, terminal } from "@opendatahub-sql/core"

/** What the engine said, as the sink's error: the reason is kept. */
export const sinkError = (operation: string, target: string, cause: unknown): SinkError =>
  cause instanceof EngineError || (typeof cause === "object" && cause !== null && "_tag" in cause && cause._tag === "EngineError")
    ? new SinkError({ plugin: "duckdb", operation, message: `${target}: ${(cause as EngineError).message}`, reason: (cause as EngineError).reason, cause })
    : new SinkError({ plugin: "duckdb", operation, message: `${target}: ${cause instanceof Error ? cause.message : String(cause)}`, reason: terminal, cause })
