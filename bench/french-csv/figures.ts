/** What the generator knows of a column, counted while it writes: the oracle. */
import { createHash, hash } from "node:crypto"
import type { Column, Value } from "./columns.ts"
import { amount } from "./notation.ts"

/** Figures of one column over the whole file. */
export interface ColumnFigures {
  readonly name: string
  readonly type: Column["type"]
  readonly scale: number
  /** Values that are not NULL. */
  readonly count: number
  /** Of numbers: exact, canonical. */
  readonly sum: string | null
  /** Canonical; numbers by value, all else by code point. */
  readonly min: string | null
  readonly max: string | null
  /**
   * Of the canonical values in the order of the file, NULL as `\N`: MD5 of the MD5s of blocks of `blockRows` values joined
   * by line feeds, so that a query needs no text of the whole column.
   */
  readonly md5: string
}

/** Rows of a block of the hash. */
export const blockRows = 8192

const numeric = (column: Column): boolean => column.type === "integer" || column.type === "decimal"

/** Counts one column. */
export class FiguresOf {
  readonly #column: Column
  readonly #hash = createHash("md5")
  #block: Array<string> = []
  #count = 0
  #sum = 0n
  #blockSum = 0
  #min: string | number | undefined
  #max: string | number | undefined

  constructor(column: Column) {
    this.#column = column
  }

  /** A value as drawn; `undefined` for an empty or a bad cell. */
  add(value: Value): void {
    if (value === undefined) this.#block.push("\\N")
    else {
      this.#block.push(this.#column.canonical(value))
      this.#count++
      if (typeof value === "number") this.#blockSum += value
      if (this.#min === undefined || value < this.#min) this.#min = value
      if (this.#max === undefined || value > this.#max) this.#max = value
    }
    if (this.#block.length === blockRows) this.#endBlock()
  }

  #endBlock(): void {
    this.#hash.update(hash("md5", this.#block.join("\n")))
    this.#sum += BigInt(this.#blockSum)
    this.#blockSum = 0
    this.#block = []
  }

  /** The figures, once. */
  end(): ColumnFigures {
    if (this.#block.length > 0) this.#endBlock()
    const { name, type, scale, canonical } = this.#column
    return {
      name,
      type,
      scale,
      count: this.#count,
      sum: numeric(this.#column) ? (scale === 0 ? String(this.#sum) : amount(this.#sum, scale, ".")) : null,
      min: this.#min === undefined ? null : canonical(this.#min),
      max: this.#max === undefined ? null : canonical(this.#max),
      md5: this.#hash.digest("hex"),
    }
  }
}
