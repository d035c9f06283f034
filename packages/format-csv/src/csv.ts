/** The CSV format: tables of text as they are published, in whatever encoding and dialect. */
import { defineFormat } from "@opendatahub-sql/core"
import { detects } from "./detection.ts"
import { optionsSchema } from "./options.ts"
import { read } from "./read.ts"
import { relations } from "./relation.ts"

/**
 * Reads CSV, TSV and other delimited text. Encoding, dialect and header are found on the file unless `options` tell them. One table,
 * `main`, of text columns, and `table_2`, … where others stand below it; records that cannot be cut into their columns are rejects. Fails with `FormatError` (`DataQuality`) on a file
 * without a record, or with one of more than 128 Mi characters.
 * @example
 * export default defineConfig({ formats: [csv({ delimiter: ";", encoding: "windows-1252" })] })
 */
export const csv = defineFormat({
  id: "csv",
  apiVersion: 1,
  fingerprint: 3,
  config: optionsSchema,
  detects,
  read,
  relations,
})
