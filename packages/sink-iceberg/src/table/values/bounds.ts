/** Bounds of columns in the binary form of the specification ("Binary single-value serialization"), from the text that the engine gives. */
import { decimalOf, type IcebergType } from "../metadata/schema.ts"
import { daysOf, microsOf } from "./instants.ts"

/** Of text and bytes, how much a bound keeps: code points and bytes. */
const LONGEST_BOUND = 16

type Side = "lower" | "upper"

const int = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32LE(value)
  return bytes
}

const long = (value: bigint): Buffer => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64LE(value)
  return bytes
}

/** Cut short; an upper bound must stay above the value, so its last code point that can grow does. */
const text = (value: string, side: Side): Buffer | undefined => {
  const points = Array.from(value)
  if (points.length <= LONGEST_BOUND) return Buffer.from(value)
  const kept = points.slice(0, LONGEST_BOUND)
  if (side === "lower") return Buffer.from(kept.join(""))
  for (let last = kept.length - 1; last >= 0; last--) {
    const next = (kept[last]?.codePointAt(0) ?? 0) + 1
    // Surrogates are no characters.
    const point = next === 0xd800 ? 0xe000 : next
    if (point <= 0x10ffff) return Buffer.from(kept.slice(0, last).join("") + String.fromCodePoint(point))
  }
  return undefined
}

const binary = (hex: string, side: Side): Buffer | undefined => {
  const bytes = Buffer.from(hex, "hex")
  if (bytes.length <= LONGEST_BOUND) return bytes
  const kept = Buffer.from(bytes.subarray(0, LONGEST_BOUND))
  if (side === "lower") return kept
  for (let last = kept.length - 1; last >= 0; last--) {
    const byte = kept[last] ?? 255
    if (byte < 255) {
      kept[last] = byte + 1
      return kept.subarray(0, last + 1)
    }
  }
  return undefined
}

/** Two's complement, big-endian, as few bytes as hold it. */
const unscaled = (value: bigint): Buffer => {
  const bytes: Array<number> = []
  for (let rest = value; ; rest >>= 8n) {
    bytes.unshift(Number(rest & 255n))
    const isNegative = ((bytes[0] ?? 0) & 128) !== 0
    if ((rest >> 8n === 0n && !isNegative) || (rest >> 8n === -1n && isNegative)) return Buffer.from(bytes)
  }
}

const decimal = (value: string, scale: number): Buffer | undefined => {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(value)
  if (match === null || (match[3]?.length ?? 0) > scale) return undefined
  const digits = BigInt(`${match[2]}${(match[3] ?? "").padEnd(scale, "0")}`)
  return unscaled(match[1] === "-" ? -digits : digits)
}

const map = <A>(value: A | undefined, encode: (value: A) => Buffer): Buffer | undefined =>
  value === undefined ? undefined : encode(value)

/**
 * A bound; `undefined` where there is none. None for `float` and `double`: bounds leave NaN out, and a reader that sorts NaN above all prunes
 * rows by them (DuckDB 1.5).
 */
export const encodeBound = (type: IcebergType, value: string, side: Side): Buffer | undefined => {
  const precise = decimalOf(type)
  if (precise !== undefined) return decimal(value, precise.scale)
  switch (type) {
    case "boolean":
      return Buffer.from([value === "1" || value === "true" ? 1 : 0])
    case "int":
      return int(Number(value))
    case "long":
      return long(BigInt(value))
    case "date":
      return map(daysOf(value), int)
    case "timestamp":
    case "timestamptz":
      return map(microsOf(value), long)
    case "string":
      return text(value, side)
    case "binary":
      return binary(value, side)
    default:
      return undefined
  }
}
