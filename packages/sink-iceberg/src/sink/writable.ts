/** Which tables this writer writes to. */
import { misconfigured, type SinkError } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import { type CatalogTable, nameOf } from "../catalog/catalog.ts"
import { failure } from "../failure.ts"
import { specOf } from "../table/metadata/metadata.ts"
import { fieldNamed } from "../table/metadata/schema.ts"
import { PARTITION_COLUMN } from "./columns.ts"
import { knownColumns } from "./table-state.ts"

/** Refuses tables that this writer would damage. */
export const checkWritable = (table: CatalogTable): Effect.Effect<void, SinkError> => {
  const { metadata, identifier: name } = table
  const refuse = (why: string) => Effect.fail(failure("commit", `the table ${nameOf(name)} ${why}`, misconfigured))
  if (metadata["format-version"] !== 2)
    return refuse(
      `has format version ${metadata["format-version"]}: this writer knows version 2; load into another table`,
    )
  const source = fieldNamed(knownColumns(metadata).schema, PARTITION_COLUMN)
  const { fields } = specOf(metadata)
  const [only] = fields
  return fields.length === 1 && only?.transform === "identity" && only["source-id"] === source?.id
    ? Effect.void
    : refuse(
        `is not partitioned by the values of ${PARTITION_COLUMN}, as this writer makes its tables: load into another table`,
      )
}
