/** One thing that is wrong with a table: what kind, which file, in words. */
export interface Problem {
  readonly kind:
    | "missing-file"
    | "damaged-file"
    | "wrong-size"
    | "wrong-count"
    | "wrong-bound"
    | "wrong-partition"
    | "wrong-order"
    | "wrong-reference"
    | "named-twice"
    | "no-field-ids"
    | "wrong-ledger"
  readonly location: string
  readonly message: string
}
