/** From stored values to cells: exact, ISO text for what has a calendar. */
import type { Cell } from "@opendatahub-sql/core"
import type { SchemaTree } from "hyparquet"
import { isNested, type Kind, kindOf } from "./columns.ts"

const SECOND = 1_000_000n
const DAY_MS = 86_400_000

/** Big-endian two's complement. */
const wholeOf = (bytes: Uint8Array): bigint => {
  let value = 0n
  for (const byte of bytes) value = (value << 8n) | BigInt(byte)
  return BigInt.asIntN(Math.max(8, bytes.length * 8), value)
}

const decimalText = (unscaled: bigint, scale: number): string => {
  if (scale === 0) return String(unscaled)
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, "0")
  return `${unscaled < 0n ? "-" : ""}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}

/** Milliseconds since 1970 as `YYYY-MM-DDTHH:MM:SS`. */
const seconds = (ms: number): string => new Date(ms).toISOString().replace(/\.\d{3}Z$/, "")

const fraction = (micros: bigint): string =>
  micros === 0n ? "" : `.${String(micros).padStart(6, "0").replace(/0+$/, "")}`

/** Rounded towards zero to microseconds, what the engine holds. */
const microsOf = (value: bigint, perSecond: number): bigint =>
  perSecond <= 1_000_000 ? (value * SECOND) / BigInt(perSecond) : value / (BigInt(perSecond) / SECOND)

const timestampText = (micros: bigint): string => {
  const rest = ((micros % SECOND) + SECOND) % SECOND
  return seconds(Number((micros - rest) / 1_000n)) + fraction(rest)
}

const timeText = (micros: bigint): string =>
  seconds(Number(micros / SECOND) * 1_000).slice(11) + fraction(micros % SECOND)

const uuidText = (bytes: Uint8Array): string =>
  Buffer.from(bytes)
    .toString("hex")
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5")

/** Months, days and milliseconds as ISO 8601 duration. */
const intervalText = (bytes: Uint8Array): string => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const ms = view.getUint32(8, true)
  return `P${view.getUint32(0, true)}M${view.getUint32(4, true)}DT${ms / 1_000}S`
}

const float16 = (bytes: Uint8Array): number => {
  const half = (bytes[0] ?? 0) | ((bytes[1] ?? 0) << 8)
  const [sign, exponent, mantissa] = [half >> 15 === 0 ? 1 : -1, (half >> 10) & 31, half & 1023]
  if (exponent === 31) return mantissa === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  return exponent === 0 ? sign * 2 ** -14 * (mantissa / 1024) : sign * 2 ** (exponent - 15) * (1 + mantissa / 1024)
}

const whole = (value: unknown): bigint =>
  value instanceof Uint8Array ? wholeOf(value) : BigInt(value as bigint | number)

const text = (value: unknown): string =>
  value instanceof Uint8Array ? Buffer.from(value).toString("utf8") : String(value)

/** A stored value that is not null, as a cell. */
const scalarOf = (kind: Kind, value: unknown): Cell => {
  switch (kind.is) {
    case "boolean":
    case "double":
      return value as boolean | number
    case "integer":
      return BigInt(value as bigint | number)
    case "unsigned":
      return kind.bits === 32 ? BigInt.asUintN(32, whole(value)) : String(BigInt.asUintN(64, whole(value)))
    case "float16":
      return float16(value as Uint8Array)
    case "text":
    case "json":
      return text(value)
    case "uuid":
      return uuidText(value as Uint8Array)
    case "interval":
      return intervalText(value as Uint8Array)
    case "blob":
      return value as Uint8Array
    case "decimal":
      return decimalText(whole(value), kind.scale)
    case "date":
      return seconds((value as number) * DAY_MS).slice(0, -9)
    case "time":
      return timeText(microsOf(BigInt(value as bigint | number), kind.perSecond))
    case "timestamp":
      return timestampText(microsOf(value as bigint, kind.perSecond)) + (kind.isUtc ? "Z" : "")
    // The reader was told to give nanoseconds since 1970.
    case "int96":
      return timestampText(microsOf(value as bigint, 1_000_000_000))
  }
}

const jsonOfScalar = (kind: Kind, value: unknown): string => {
  const cell = scalarOf(kind, value)
  if (kind.is === "json") return String(cell)
  if (cell instanceof Uint8Array) return JSON.stringify(Buffer.from(cell).toString("base64"))
  return typeof cell === "bigint" || kind.is === "decimal" || kind.is === "unsigned"
    ? String(cell)
    : JSON.stringify(cell)
}

/** A value inside a nested column as JSON text; numbers keep every digit. */
const jsonOf = (node: SchemaTree, value: unknown, isItem = false): string => {
  if (value === null || value === undefined) return "null"
  const { children, element } = node
  if (element.repetition_type === "REPEATED" && !isItem)
    return `[${(value as ReadonlyArray<unknown>).map((item) => jsonOf(node, item, true)).join(",")}]`
  if (children.length === 0) return jsonOfScalar(kindOf(element), value)
  const [repeated] = children
  if (element.converted_type === "LIST" && Array.isArray(value) && repeated !== undefined) {
    const item = repeated.children.length === 1 ? repeated.children[0] : undefined
    return `[${value.map((each) => jsonOf(item ?? repeated, each, true)).join(",")}]`
  }
  const of =
    element.converted_type === "MAP"
      ? () => repeated?.children[1]
      : (name: string) => children.find((child) => child.element.name === name)
  const members = Object.entries(value as Readonly<Record<string, unknown>>).flatMap(([name, member]) => {
    const child = of(name)
    return child === undefined ? [] : [`${JSON.stringify(name)}:${jsonOf(child, member)}`]
  })
  return `{${members.join(",")}}`
}

/** How the stored values of a column become cells. */
export const cellReader = (node: SchemaTree): ((value: unknown) => Cell) => {
  if (isNested(node)) return (value) => (value === null || value === undefined ? null : jsonOf(node, value))
  const kind = kindOf(node.element)
  return (value) => (value === null || value === undefined ? null : scalarOf(kind, value))
}
