/** JSON whose integers keep all their digits: snapshot ids of other writers are random 64-bit numbers, beyond what a double holds. */

/** A 64-bit integer: a number while it is safe, else a bigint. */
export type Long = number | bigint

/** `JSON.rawJSON` and the source text of numbers are in Node since 21; the library types do not know them yet. */
interface ExactJson {
  readonly parse: (
    text: string,
    reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
  ) => unknown
  readonly rawJSON: (text: string) => unknown
}
const exact = JSON as unknown as ExactJson

const wholeNumber = /^-?\d+$/

/** Reads JSON. Integers beyond 2^53 come as bigint. Throws a SyntaxError like `JSON.parse`. */
export const parseJson = (text: string): unknown =>
  // Looking at each value costs five times the time, so it is done only where there can be such a number.
  /\d{16}/.test(text)
    ? exact.parse(text, (_, value, { source }) =>
        typeof value === "number" && !Number.isSafeInteger(value) && source !== undefined && wholeNumber.test(source)
          ? BigInt(source)
          : value,
      )
    : JSON.parse(text)

/** Writes JSON; a bigint becomes a number with all its digits. */
export const formatJson = (value: unknown): string =>
  JSON.stringify(value, (_, one: unknown) => (typeof one === "bigint" ? exact.rawJSON(String(one)) : one))

/** A bigint as a number where that loses nothing. */
export const asLong = (value: bigint): Long =>
  value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value

/** Whether two ids are the same, whatever holds them. */
export const sameLong = (a: Long | null | undefined, b: Long | null | undefined): boolean =>
  a === b || (a !== null && a !== undefined && b !== null && b !== undefined && BigInt(a) === BigInt(b))
