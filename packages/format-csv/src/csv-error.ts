/** Errors of this format. */
import { dataQuality, FormatError, type Position } from "@opendatahub-sql/core"

/** The bytes are not a CSV file that can be read. */
export const formatError = (operation: string, message: string, position?: Position): FormatError =>
  new FormatError({
    plugin: "csv",
    operation,
    message,
    reason: dataQuality,
    ...(position === undefined ? {} : { position }),
  })
