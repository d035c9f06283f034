/** What an author throws, as the error that core understands. */
import type { FormatError } from "../contracts/errors.ts"
import { type Failure, terminal } from "../contracts/reason.ts"
import { PluginFailure } from "./plugin-failure.ts"

const tags = ["SourceError", "FetchError", "FormatError", "LakeError", "EngineError", "SinkError"]

/** An error of the pipeline (of the bytes that were read, say) goes through unchanged; anything else becomes the plugin's own. */
export const asFailure = <E>(
  cause: unknown,
  make: (failure: Failure) => E,
  plugin: string,
  operation: string,
): E | FormatError => {
  if (
    typeof cause === "object" &&
    cause !== null &&
    "_tag" in cause &&
    typeof cause._tag === "string" &&
    tags.includes(cause._tag)
  )
    return cause as FormatError
  const message = cause instanceof Error ? cause.message : String(cause)
  const details = cause instanceof PluginFailure ? cause.details : {}
  return make({
    plugin,
    operation,
    message,
    reason: details.reason ?? terminal,
    cause,
    ...(details.position === undefined ? {} : { position: details.position }),
  })
}
