/** Columns that need no reading of the others: put in front of those of a file whose pages are copied. */
import type { Struct } from "./thrift-compact.ts"

/** A row group of a copied file: which file, how many of its rows come before, how many are in it. */
export interface CopiedGroup {
  readonly part: number
  readonly before: number
  readonly rows: number
}

/** A column to add: its schema, and its chunk of a row group at a place in the new file. */
export interface AddedColumn {
  readonly schema: Struct
  readonly chunk: (group: CopiedGroup, place: number) => { readonly bytes: Uint8Array; readonly chunk: Struct }
}
