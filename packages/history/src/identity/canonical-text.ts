/** The one text of a value, whatever type its column has today: `1`, `1.0` and `1,00` are `1`. SQL that the engine runs. */
import { type ColumnType, decimalOf } from "@opendatahub-sql/core"

const withoutZeros = (text: string): string => `rtrim(rtrim(${text}, '0'), '.')`

/** Digits kept of a double that the engine would write with an exponent. */
const SMALL_DIGITS = 17

/** A double as the decimal of the same number is written: no exponent where a decimal has room, no `.0`, no `-0`. */
const doubleText = (value: string): string =>
  `case when ${value} = trunc(${value}) and abs(${value}) < 9e18 then ${value}::bigint::varchar
   when abs(${value}) < 1e-4 then ${withoutZeros(`${value}::decimal(38,${SMALL_DIGITS})::varchar`)}
   else ${value}::varchar end`

/** Whether a value's text may hold any character, so that its length must stand before it. */
export const isFreeText = (type: ColumnType): boolean => type === "text" || type === "null" || type === "json"

/**
 * Canonical text of an SQL expression of a type; NULL stays NULL. Types that a column may become in place (`bigint` → `decimal` → `double`,
 * `date` → `timestamp`) give the same text for the same value.
 */
export const canonicalText = (value: string, type: ColumnType): string => {
  const decimal = decimalOf(type)
  if (decimal !== undefined) {
    return type === "bigint" || decimal.scale === 0 ? `${value}::varchar` : withoutZeros(`${value}::varchar`)
  }
  switch (type) {
    case "double":
      return doubleText(value)
    case "timestamp":
      return `replace(${value}::varchar, ' 00:00:00', '')`
    case "blob":
      return `hex(${value})`
    default:
      return `${value}::varchar`
  }
}
