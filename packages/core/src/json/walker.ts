/**
 * Walks over the outer structure of a JSON text, chunk by chunk, and hands out whole the values that lie below it. Only strings, escapes and
 * depth are followed inside such a value; whether it is sound is for the parser, so that one broken record does not stop the walk.
 */
import { parseValue } from "./parse.ts"
import { JsonProblem, MAX_DEPTH, MAX_VALUE_BYTES, showByte } from "./problem.ts"
import { textOf } from "./encoding.ts"

export type ValueKind = "object" | "array" | "string" | "scalar"

/** A value met on the way: bytes `start` to `end`. Its bytes are kept unless `open` answered `skip`; they are only good until the next chunk. */
export interface Taken {
  readonly kind: ValueKind
  readonly start: number
  readonly end: number
  readonly bytes: Uint8Array
}

/** What to do with what the walker meets. A context stands for a container that was entered; the first one for the file. */
export interface Visitor<C extends object> {
  readonly open: (context: C, key: string | undefined, kind: "object" | "array", start: number) => C | "take" | "skip"
  readonly close: (context: C, end: number) => void
  readonly value: (context: C, key: string | undefined, value: Taken) => void
}

interface Frame<C> {
  readonly context: C
  readonly isObject: boolean
  key: string | undefined
}

type Expecting = "value" | "value or close" | "key" | "key or close" | "colon" | "comma or close" | "nothing"
type Taking = "nothing" | "key" | "string" | "scalar" | "container"

const NOTHING = new Uint8Array(0)

/** 1: ends a bare word; 2: blank (it ends one too). A record separator (RFC 7464) counts as a blank between values. */
const CLASSES = new Uint8Array(256)
for (const byte of [0x2c, 0x3a, 0x5b, 0x5d, 0x7b, 0x7d, 0x22]) CLASSES[byte] = 1
for (const byte of [0x20, 0x09, 0x0a, 0x0d]) CLASSES[byte] = 2

/** What counts inside a value outside its strings, 1: a quote, 2: opens, 3: closes. One look a byte, as most bytes are none of them. */
const NESTING = new Uint8Array(256)
NESTING[0x22] = 1
for (const byte of [0x5b, 0x7b]) NESTING[byte] = 2
for (const byte of [0x5d, 0x7d]) NESTING[byte] = 3

export class Walker<C extends object> {
  private readonly visitor: Visitor<C>
  private readonly outer: Array<Frame<C>> = []
  private top: Frame<C>
  private expecting: Expecting = "value"
  private taking: Taking = "nothing"
  private keep = true
  private kind: ValueKind = "scalar"
  private pieces: Array<Uint8Array> = []
  private start = 0
  private depth = 0
  private inString = false
  private escaped = false
  private offset: number
  /** Whether a second value may follow the first: `{…}{…}`. Only objects may: anything else after a value is damage. */
  private readonly sequence: boolean

  /** `start`: the byte of the file that the first chunk begins at. */
  constructor(visitor: Visitor<C>, root: C, start: number, sequence: boolean) {
    this.visitor = visitor
    this.offset = start
    this.top = { context: root, isObject: false, key: undefined }
    this.sequence = sequence
  }

  push(chunk: Uint8Array): void {
    let i = 0
    while (i < chunk.length) {
      if (this.taking === "nothing") i = this.step(chunk, i)
      else i = this.take(chunk, i)
    }
    this.offset += chunk.length
  }

  /** Call after the last chunk. */
  end(): void {
    if (this.taking === "scalar") this.finish(NOTHING, 0)
    if (this.taking !== "nothing")
      throw new JsonProblem(`the file ends inside a value that began at byte ${this.start}`, this.offset, true)
    if (this.outer.length > 0)
      throw new JsonProblem(
        `the file ends before its ${this.top.isObject ? "object" : "list"} is closed`,
        this.offset,
        true,
      )
    if (this.expecting === "value") throw new JsonProblem("the file holds no value", this.offset, true)
  }

  /** One byte of structure. */
  private step(chunk: Uint8Array, i: number): number {
    const byte = chunk[i] ?? 0
    if (CLASSES[byte] === 2 || (byte === 0x1e && this.outer.length === 0)) return i + 1
    const expecting = this.expecting
    if (expecting === "comma or close") {
      if (byte === 0x2c) {
        this.expecting = this.top.isObject ? "key" : "value"
        return i + 1
      }
      if (byte === (this.top.isObject ? 0x7d : 0x5d)) return this.closeTop(i)
    } else if (expecting === "colon") {
      if (byte === 0x3a) {
        this.expecting = "value"
        return i + 1
      }
    } else if (expecting === "key" || expecting === "key or close") {
      if (byte === 0x22) return this.begin("key", "string", i)
      if (byte === 0x7d && expecting === "key or close") return this.closeTop(i)
    } else if (expecting === "value" || expecting === "value or close") {
      if (byte === 0x5d && expecting === "value or close") return this.closeTop(i)
      if (byte === 0x22) return this.begin("string", "string", i)
      if (byte === 0x7b || byte === 0x5b) return this.openContainer(byte === 0x7b, i)
      if (CLASSES[byte] === 0) return this.begin("scalar", "scalar", i)
    } else if (this.sequence && byte === 0x7b) {
      this.expecting = "value"
      return i
    }
    throw new JsonProblem(
      expecting === "nothing"
        ? `${showByte(byte)} after the end of the value`
        : `${showByte(byte)} where ${expecting} was expected`,
      this.offset + i,
    )
  }

  private openContainer(isObject: boolean, i: number): number {
    const frame = this.top
    const opened = this.visitor.open(frame.context, frame.key, isObject ? "object" : "array", this.offset + i)
    if (typeof opened === "string") {
      this.keep = opened === "take"
      this.depth = 0
      return this.begin("container", isObject ? "object" : "array", i)
    }
    if (this.outer.length >= MAX_DEPTH) throw new JsonProblem(`nested deeper than ${MAX_DEPTH} levels`, this.offset + i)
    this.outer.push(frame)
    this.top = { context: opened, isObject, key: undefined }
    this.expecting = isObject ? "key or close" : "value or close"
    return i + 1
  }

  private closeTop(i: number): number {
    this.visitor.close(this.top.context, this.offset + i + 1)
    this.top = this.outer.pop() ?? this.top
    this.afterValue()
    return i + 1
  }

  private afterValue(): void {
    this.expecting = this.outer.length === 0 ? "nothing" : "comma or close"
  }

  private begin(taking: Taking, kind: ValueKind, i: number): number {
    this.taking = taking
    this.kind = kind
    this.start = this.offset + i
    if (taking !== "container") this.keep = true
    this.inString = false
    this.escaped = false
    return i
  }

  /** Follows the value being taken to its end, or to the end of the chunk. */
  private take(chunk: Uint8Array, from: number): number {
    const end =
      this.taking === "container"
        ? this.endOfContainer(chunk, from)
        : this.taking === "scalar"
          ? this.endOfWord(chunk, from)
          : this.endOfString(chunk, from)
    if (end === -1) {
      // A copy: the chunk's memory may be used again (and `slice` of a Buffer is none).
      if (this.keep) this.pieces.push(new Uint8Array(chunk.subarray(from)))
      if (this.keep && this.offset + chunk.length - this.start > MAX_VALUE_BYTES) {
        throw new JsonProblem(
          `a value larger than ${MAX_VALUE_BYTES} bytes; if records lie inside it, name them with the option "records"`,
          this.start,
        )
      }
      return chunk.length
    }
    this.finish(this.keep ? chunk.subarray(from, end) : NOTHING, end)
    return end
  }

  private finish(last: Uint8Array, end: number): void {
    const bytes = this.pieces.length === 0 ? last : Buffer.concat([...this.pieces, last])
    this.pieces = []
    const { taking } = this
    this.taking = "nothing"
    const frame = this.top
    if (taking === "key") {
      frame.key = keyOf(bytes, this.start)
      this.expecting = "colon"
      return
    }
    this.afterValue()
    this.visitor.value(frame.context, frame.key, { kind: this.kind, start: this.start, end: this.offset + end, bytes })
  }

  private endOfWord(chunk: Uint8Array, from: number): number {
    for (let i = from; i < chunk.length; i++) if (CLASSES[chunk[i] ?? 0] !== 0) return i
    return -1
  }

  private endOfString(chunk: Uint8Array, from: number): number {
    let i = from
    if (!this.inString) {
      this.inString = true
      i++
    }
    let escaped = this.escaped
    for (; i < chunk.length; i++) {
      const byte = chunk[i]
      if (escaped) escaped = false
      else if (byte === 0x5c) escaped = true
      else if (byte === 0x22) return i + 1
    }
    this.escaped = escaped
    return -1
  }

  private endOfContainer(chunk: Uint8Array, from: number): number {
    let { depth, inString, escaped } = this
    const deepest = MAX_DEPTH - this.outer.length
    const { length } = chunk
    let i = from
    for (;;) {
      if (inString) {
        if (escaped && i < length) {
          escaped = false
          i++
        }
        while (i < length && chunk[i] !== 0x22 && chunk[i] !== 0x5c) i++
        if (i >= length) break
        escaped = chunk[i++] === 0x5c
        if (escaped) continue
        inString = false
      }
      while (i < length && NESTING[chunk[i] as number] === 0) i++
      if (i >= length) break
      const kind = NESTING[chunk[i++] as number]
      if (kind === 1) inString = true
      else if (kind === 2) {
        if (++depth > deepest) throw new JsonProblem(`nested deeper than ${MAX_DEPTH} levels`, this.offset + i - 1)
      } else if (--depth === 0) return i
    }
    this.depth = depth
    this.inString = inString
    this.escaped = escaped
    return -1
  }
}

const keyOf = (bytes: Uint8Array, at: number): string => {
  const key = parseValue(textOf(bytes))
  if (typeof key !== "string") throw new JsonProblem("a key that is not a JSON string", at)
  return key
}
