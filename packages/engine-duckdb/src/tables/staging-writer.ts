/** Writes rows in the dialect of staging-csv.ts as bytes, into a buffer that is used again: strings cost twice the CPU. */
import type { Batch, Cell } from "@opendatahub-sql/core"
import { EMPTY, escapes, SEPARATOR } from "./staging-csv.ts"

const SEPARATOR_BYTE = SEPARATOR.charCodeAt(0)
const LINE_FEED = 0x0a
const MINUS = 0x2d
const POINT = 0x2e
const ZERO = 0x30

/** Characters that are copied one by one; beyond, one call of the runtime is cheaper. */
const SHORT = 48
/** A buffer that one large cell grew is not kept, in bytes. */
const MOST_KEPT = 8_388_608
/** Cells are written one after the other; a number needs less. */
const NUMBER_BYTES = 32

/** What is escaped. */
const special = new RegExp(`[${Object.keys(escapes).join("")}]`)
const everySpecial = new RegExp(special, "g")

/** 1: ASCII that may stand as it is. */
const PLAIN = new Uint8Array(65_536)
PLAIN.fill(1, 0, 128)
for (const character of Object.keys(escapes)) PLAIN[character.charCodeAt(0)] = 0

/** Two characters of base64 for each twelve bits, the first in the low byte. */
const BASE64 = Uint16Array.from({ length: 4_096 }, (_, bits) => {
  const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
  return digits.charCodeAt(bits >> 6) | (digits.charCodeAt(bits & 63) << 8)
})

/** Seven decimals: what coordinates in degrees come with. */
const DECIMALS = 10_000_000

/** What is written is good until `clear`. */
export class StagingWriter {
  private buffer = Buffer.allocUnsafeSlow(1_048_576)
  private at = 0
  private lineStart = 0
  /** Of the cell in its record. */
  private place = 0
  /** Places of texts that were escaped, since `clear`. */
  readonly escaped = new Set<number>()
  /** Bytes of the longest line since `clear`. */
  longest = 0

  get bytes(): Uint8Array {
    return this.buffer.subarray(0, this.at)
  }

  clear(): void {
    if (this.buffer.length > MOST_KEPT) this.buffer = Buffer.allocUnsafeSlow(1_048_576)
    this.at = 0
    this.lineStart = 0
    this.longest = 0
    this.escaped.clear()
  }

  /** One record. */
  record(cells: ReadonlyArray<Cell | undefined>): void {
    for (const [index, cell] of cells.entries()) {
      if (index > 0) this.separate()
      this.cell(cell)
    }
    this.endLine()
  }

  /** The rows of a batch: record number, parent's record number if there is a parent, cells. */
  batch({ columns, size, rowNumbers, parentRows }: Batch, hasParent: boolean, width: number): void {
    for (let row = 0; row < size; row++) {
      this.cell(rowNumbers[row])
      if (hasParent) {
        this.separate()
        this.cell(parentRows?.[row])
      }
      for (let column = 0; column < width; column++) {
        this.separate()
        this.cell(columns[column]?.[row])
      }
      this.endLine()
    }
  }

  /** Text as it is, other values in the canonical text that the engine casts back. */
  private cell(cell: Cell | undefined): void {
    if (cell === null || cell === undefined) return
    if (typeof cell === "string") this.text(cell)
    else if (typeof cell === "number") this.number(cell)
    else if (cell instanceof Uint8Array) this.base64(cell)
    else this.ascii(String(cell))
  }

  private reserve(bytes: number): void {
    // One more for what follows a cell.
    if (this.at + bytes + 1 <= this.buffer.length) return
    const grown = Buffer.allocUnsafeSlow(Math.max(this.buffer.length * 2, this.at + bytes + 1))
    this.buffer.copy(grown, 0, 0, this.at)
    this.buffer = grown
  }

  private separate(): void {
    this.reserve(1)
    this.buffer[this.at++] = SEPARATOR_BYTE
    this.place++
  }

  private endLine(): void {
    this.reserve(1)
    this.buffer[this.at++] = LINE_FEED
    this.longest = Math.max(this.longest, this.at - this.lineStart)
    this.lineStart = this.at
    this.place = 0
  }

  private text(text: string): void {
    const { length } = text
    // A UTF-16 unit is at most three bytes of UTF-8.
    this.reserve(length * 3)
    const { buffer, at } = this
    if (length > 0 && length <= SHORT) {
      let index = 0
      for (; index < length; index++) {
        const code = text.charCodeAt(index)
        if (PLAIN[code] === 0) break
        buffer[at + index] = code
      }
      if (index === length) {
        this.at = at + length
        return
      }
    }
    if (length > 0 && !special.test(text)) {
      this.at += buffer.write(text, at, "utf8")
      return
    }
    this.escape(text)
  }

  private escape(text: string): void {
    this.escaped.add(this.place)
    const escaped = text === "" ? EMPTY : text.replaceAll(everySpecial, (character) => escapes[character] ?? "")
    this.reserve(escaped.length * 3)
    this.at += this.buffer.write(escaped, this.at, "utf8")
  }

  private ascii(text: string): void {
    this.reserve(text.length)
    this.at += this.buffer.write(text, this.at, "latin1")
  }

  /** Whole numbers, and those that are the quotient of one by 10^7: dividing gives the same double back, so these digits say all of it. */
  private number(value: number): void {
    const size = Math.abs(value)
    const units = Math.round(size * DECIMALS)
    if (!(units <= Number.MAX_SAFE_INTEGER) || units / DECIMALS !== size) {
      this.ascii(String(value))
      return
    }
    this.reserve(NUMBER_BYTES)
    const { buffer } = this
    if (value < 0) buffer[this.at++] = MINUS
    const whole = Math.floor(size)
    this.digits(whole)
    let decimals = units - whole * DECIMALS
    if (decimals === 0) return
    let places = 7
    for (; decimals % 10 === 0; places--) decimals /= 10
    buffer[this.at++] = POINT
    for (let place = this.at + places - 1; place >= this.at; place--) {
      const rest = (decimals / 10) | 0
      buffer[place] = ZERO + decimals - rest * 10
      decimals = rest
    }
    this.at += places
  }

  /** A whole number below 10^9. */
  private digits(whole: number): void {
    const { buffer } = this
    let length = 1
    for (let power = 10; power <= whole; power *= 10) length++
    let left = whole
    for (let place = this.at + length - 1; place >= this.at; place--) {
      const rest = (left / 10) | 0
      buffer[place] = ZERO + left - rest * 10
      left = rest
    }
    this.at += length
  }

  private base64(bytes: Uint8Array): void {
    const { length } = bytes
    if (length === 0) return this.escape("")
    this.reserve(Math.ceil(length / 3) * 4)
    const { buffer } = this
    let { at } = this
    let index = 0
    for (; index + 2 < length; index += 3) {
      const bits = ((bytes[index] as number) << 16) | ((bytes[index + 1] as number) << 8) | (bytes[index + 2] as number)
      const high = BASE64[bits >> 12] as number
      const low = BASE64[bits & 0xfff] as number
      buffer[at] = high & 0xff
      buffer[at + 1] = high >> 8
      buffer[at + 2] = low & 0xff
      buffer[at + 3] = low >> 8
      at += 4
    }
    this.at = at
    if (index < length) this.at += buffer.write(Buffer.from(bytes.subarray(index)).toString("base64"), at, "latin1")
  }
}
