/**
 * A catalog knows where the newest metadata of each table is, and lets one writer at a time move it on. Commits have the shape of the REST
 * catalog's: what must still be true, and what changes.
 */
import type { SinkError } from "@opendatahub-sql/core"
import * as Data from "effect/Data"
import type * as Effect from "effect/Effect"
import type { Files } from "../files/files.ts"
import type { StructType } from "../table/metadata/schema.ts"
import type { TableMetadata } from "../table/metadata/metadata.ts"
import type { TableChange } from "../table/metadata/updates.ts"

/** A table by name. */
export interface TableIdentifier {
  readonly namespace: string
  readonly name: string
}

/** A table as a catalog has it. */
export interface CatalogTable {
  readonly identifier: TableIdentifier
  readonly metadataLocation: string
  readonly metadata: TableMetadata
}

/** A table to make: partitioned by the values of columns. */
export interface TableDefinition {
  readonly schema: StructType
  readonly partitionBy: ReadonlyArray<string>
  readonly properties: Readonly<Record<string, string>>
}

/** One table of a commit. */
export interface TableCommit {
  readonly table: CatalogTable
  readonly change: TableChange
}

/**
 * The commit was not made, or nobody can say: load the tables again, look whether the change is there, and else plan it anew. No file may be
 * removed before that.
 */
export class CommitConflict extends Data.TaggedError("CommitConflict")<{ readonly message: string }> {}

/** A catalog. Everything that is not a conflict is a `SinkError`. */
export interface Catalog {
  /** Names the catalog in load keys and messages, without secrets. */
  readonly target: string
  /** Several tables change together, or none does. */
  readonly commitsTogether: boolean
  readonly files: Files
  readonly list: (namespace: string) => Effect.Effect<ReadonlyArray<string>, SinkError>
  readonly load: (table: TableIdentifier) => Effect.Effect<CatalogTable | undefined, SinkError>
  /** Makes a table and its namespace; one that is there already is given as it is. */
  readonly create: (table: TableIdentifier, definition: TableDefinition) => Effect.Effect<CatalogTable, SinkError>
  readonly commit: (commits: ReadonlyArray<TableCommit>) => Effect.Effect<void, SinkError | CommitConflict>
}

/** `bronze.communes`. */
export const nameOf = ({ namespace, name }: TableIdentifier): string => `${namespace}.${name}`
