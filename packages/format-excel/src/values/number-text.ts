/** Numbers as text, without the noise of binary fractions. */

const plainNumber = /^[+-]?\d+(?:\.\d+)?$/
/** Beyond these, zeros would only fill the cell. */
const MOST_ZEROS = 21

/** `1.2e-7` as `0.00000012`: plain numbers are typed exactly, scientific ones only as floating point. */
const withoutExponent = (text: string): string => {
  const match = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text)
  if (match === null) return text
  const [, sign = "", first = "", rest = "", exponent = "0"] = match
  const shift = Number(exponent)
  if (Math.abs(shift) > MOST_ZEROS) return text
  return shift < 0
    ? `${sign}0.${"0".repeat(-shift - 1)}${first}${rest}`
    : `${sign}${first}${rest.padEnd(shift, "0").slice(0, shift)}`
}

/** The shortest text that gives this number back. */
export const shortestNumber = (value: number): string => withoutExponent(String(value))

/** `1.10` is `1.1`, `3.0` is `3`. */
const withoutZeros = (text: string): string => (/^[+-]?\d+\.\d*0$/.test(text) ? text.replace(/\.?0+$/, "") : text)

/**
 * The text of a stored number: the shortest one of the same number. Excel stores 17 digits (`1.1000000000000001` for 1.1), or scientific
 * notation. Longer texts stay as they are written: other programs store decimals and long whole numbers exactly.
 */
export const numberText = (stored: string): string | undefined => {
  const text = withoutZeros(stored.trim())
  if (text.length <= 15 && plainNumber.test(text)) return text
  const value = Number(text)
  if (text === "" || Number.isNaN(value)) return undefined
  if (!plainNumber.test(text)) return Number.isFinite(value) ? shortestNumber(value) : text
  const digits = text.replace(/^[+-]?0*\.?0*/, "").replace(".", "").length
  return text.includes(".") && (digits === 16 || digits === 17) ? shortestNumber(value) : text
}
