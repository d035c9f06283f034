/** Quoting: the only way a name or a value from outside enters a query. */

/** A quoted identifier. The engine cannot name anything with U+0000: such a name is a bug upstream, hence the throw. */
export const identifier = (name: string): string => {
  if (name.includes("\0")) throw new RangeError("an identifier cannot hold U+0000")
  return `"${name.replaceAll('"', '""')}"`
}

/** `"catalog"."schema"."table"`. */
export const qualified = (...parts: ReadonlyArray<string>): string => parts.map(identifier).join(".")

const text = (value: string): string => `'${value.replaceAll("'", "''")}'`

/** A literal. Queries are C strings, so U+0000 goes in as `chr(0)`. */
export const literal = (value: string | number | bigint | boolean | null): string => {
  if (value === null) return "NULL"
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : `'${String(value)}'::DOUBLE`
  if (typeof value !== "string") return String(value)
  return value.includes("\0") ? `(${value.split("\0").map(text).join(" || chr(0) || ")})` : text(value)
}

/** `['a', 'b']`. */
export const listLiteral = (values: ReadonlyArray<string | number | bigint | boolean | null>): string =>
  `[${values.map(literal).join(", ")}]`
