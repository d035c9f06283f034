/** Which tables this writer writes to. */
import { misconfigured, type SinkError } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import { type CatalogTable, nameOf } from "../catalog/catalog.ts"
import { failure } from "../failure.ts"
import { schemaOf, specOf } from "../table/metadata/metadata.ts"
import { fieldNamed } from "../table/metadata/schema.ts"
import { PARTITION_COLUMN } from "./columns.ts"
import { knownColumns } from "./table-state.ts"

/** Refuses to write rows again that have nested cells: inside them fields are found by name, so one that was renamed would be lost. */
export const checkFlat = ({
  metadata,
  identifier: name,
}: Pick<CatalogTable, "metadata" | "identifier">): Effect.Effect<void, SinkError> => {
  const nested = schemaOf(metadata).fields.find((field) => typeof field.type !== "string")
  return nested === undefined
    ? Effect.void
    : Effect.fail(
        failure(
          "commit",
          `rows of ${nameOf(name)} have to be written again, and its column "${nested.name}" is nested, which is only read here: rewrite the table with Spark (rewrite_data_files), or drop that column`,
          misconfigured,
        ),
      )
}

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
