/** The identity of a row: 128 bits over (column id, canonical text) of its non-null cells. */
import type { ColumnType } from "@opendatahub-sql/core"
import { canonicalText, isFreeText } from "./canonical-text.ts"

/** A cell that takes part: `id` is the column's number in its table, `value` an SQL expression of type `type`. */
export interface IdentifiedCell {
  readonly id: number
  readonly value: string
  readonly type: ColumnType
  /** No value is NULL: the engine is asked less. */
  readonly isComplete?: boolean
}

const cellText = ({ id, value, type, isComplete }: IdentifiedCell): string => {
  const text = canonicalText(value, type)
  // A length, or a sign that the text cannot hold: no two rows are spelled alike.
  const parts = isFreeText(type) ? `'${id}:', strlen(${text}), ':', ${text}` : `'${id}=', ${text}, ';'`
  return isComplete === true ? parts : `case when ${value} is not null then concat(${parts}) end`
}

/**
 * SQL of the identity, a UUID. Empty cells do not count and cells are in the order of their ids, so a column that is added empty, moved or
 * renamed, and a type that widens, change nothing. `parent`: SQL of the id of the row that this one hangs on, which is part of what it is.
 */
export const rowIdentity = (cells: ReadonlyArray<IdentifiedCell>, parent?: string): string => {
  const texts = [
    ...(parent === undefined ? [] : [`'^', ${parent}, ';'`]),
    ...cells.toSorted((a, b) => a.id - b.id).map(cellText),
  ]
  return `md5(${texts.length === 0 ? "''" : `concat(${texts.join(", ")})`})::uuid`
}
