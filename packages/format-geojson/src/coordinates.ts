/**
 * Reads coordinates straight into numbers: a list for each position, as a general parser makes, would cost several times the reading of the file.
 */
import { JsonProblem, MAX_DEPTH, Parser } from "@opendatahub-sql/core/json"
import type { Positions } from "@opendatahub-sql/geometry"

/** Lists of positions as the file nests them. */
export interface Nest {
  /** Lists around each position: 0 for one position, 1 for a line, 2 for a polygon… */
  readonly depth: number
  /** Positions in each list of positions, in order. */
  readonly lines: ReadonlyArray<number>
  /** Lists in each list of those, in order. */
  readonly groups: ReadonlyArray<number>
}

const POWERS = Array.from({ length: 23 }, (_, exponent) => 10 ** exponent)

export class CoordinateParser extends Parser {
  protected readonly positions: Positions
  /** Why the coordinates last read are none, in words. */
  protected broken: string | undefined
  /** More than three numbers in a position: the others have no meaning (RFC 7946 §3.1.1). */
  protected extra = false
  private lines: Array<number> = []
  private groups: Array<number> = []

  constructor(text: string, positions: Positions) {
    super(text)
    this.positions = positions
  }

  /** Reads one value as coordinates; what is none sets `broken`. */
  protected coordinates(): Nest {
    this.lines = []
    this.groups = []
    const depth = this.nested()
    return { depth, lines: this.lines, groups: this.groups }
  }

  /** Lists around the positions of the value that comes; -1 when there are no positions in it. */
  private nested(): number {
    if (this.peek() !== 0x5b) {
      this.broken ??= "coordinates that are no list"
      this.value()
      return -1
    }
    const start = this.at
    this.at++
    const code = this.peek()
    if (code === 0x5d) {
      this.at++
      return -1
    }
    if (code !== 0x5b) return this.position(start)
    if (++this.depth > MAX_DEPTH) throw new JsonProblem(`nested deeper than ${MAX_DEPTH} levels`, this.at)
    let inner: number | undefined
    let count = 0
    do {
      const depth = this.nested()
      if (inner !== undefined && inner !== depth) this.broken ??= "coordinates that are not nested evenly"
      inner ??= depth
      count++
    } while (this.hasNext())
    this.depth--
    const depth = (inner ?? -1) + 1
    if (depth === 1) this.lines.push(count)
    else if (depth === 2) this.groups.push(count)
    return depth === 0 ? -1 : depth
  }

  private position(start: number): number {
    let x = Number.NaN
    let y = Number.NaN
    let z = Number.NaN
    let count = 0
    do {
      const value = this.number()
      if (count === 0) x = value
      else if (count === 1) y = value
      else if (count === 2) z = value
      else this.extra = true
      count++
    } while (this.hasNext())
    if (count < 2) this.broken ??= `a position of one number: ${this.text.slice(start, this.at).slice(0, 40)}`
    this.positions.push(x, y, z)
    return 0
  }

  /** Steps over what separates the items of a list, or over its end. */
  private hasNext(): boolean {
    const code = this.peek()
    if (code !== 0x2c && code !== 0x5d) this.fail('"," or "]" was expected')
    this.at++
    return code === 0x2c
  }

  /**
   * A number of up to 2^53 with at most 22 decimals is the quotient of two exact doubles, so one division rounds it as the standard asks
   * (Clinger 1990); the others go the long way.
   */
  private number(): number {
    const { text } = this
    this.peek()
    const start = this.at
    let at = start
    let code = text.charCodeAt(at)
    const isNegative = code === 0x2d
    if (isNegative) code = text.charCodeAt(++at)
    const first = at
    let digits = 0
    while (code >= 0x30 && code <= 0x39) {
      digits = digits * 10 + (code - 0x30)
      code = text.charCodeAt(++at)
    }
    const whole = at - first
    let decimals = 0
    if (code === 0x2e) {
      const point = at
      code = text.charCodeAt(++at)
      while (code >= 0x30 && code <= 0x39) {
        digits = digits * 10 + (code - 0x30)
        code = text.charCodeAt(++at)
      }
      decimals = at - point - 1
      if (decimals === 0) return this.longNumber()
    }
    const ends = code === 0x2c || code === 0x5d || code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09
    const isZeroLed = whole > 1 && text.charCodeAt(first) === 0x30
    if (!ends || whole === 0 || isZeroLed || digits > Number.MAX_SAFE_INTEGER || decimals > 22) return this.longNumber()
    this.at = at
    const value = digits / (POWERS[decimals] ?? 1)
    return isNegative ? -value : value
  }

  private longNumber(): number {
    const start = this.at
    const code = this.peek()
    const value = this.value()
    if (typeof value === "string" && (code === 0x2d || (code >= 0x30 && code <= 0x39))) return Number(value)
    this.broken ??= `a coordinate that is no number: ${this.text.slice(start, this.at).trim().slice(0, 40)}`
    return Number.NaN
  }
}
