import { type Reason, SourceError } from "@opendatahub-sql/core"

/** The id of this source. */
export const SOURCE_ID = "datagouv"

/** An error of this source. */
export const failure = (operation: string, reason: Reason, message: string, cause?: unknown): SourceError =>
  new SourceError({ plugin: SOURCE_ID, operation, reason, message, ...(cause === undefined ? {} : { cause }) })
