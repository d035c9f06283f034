/**
 * A strict parser (RFC 8259) of one value that keeps what `JSON.parse` loses: the text of numbers (1.10, 12345678901234567890, 1e400) and
 * keys that repeat. Measured on 200 MB of records it costs the same as `JSON.parse` and a walk over its objects, so it is the only way.
 */
import { JsonProblem, MAX_DEPTH } from "./problem.ts"

/** An object, its members in file order. `start` and `end` are where its text lies in the text that was parsed. */
export class Members {
  readonly keys: Array<string> = []
  readonly values: Array<Value> = []
  readonly start: number
  end = 0
  constructor(start: number) {
    this.start = start
  }
}

/** A list; `start` and `end` as in {@link Members}. */
export class List {
  readonly items: Array<Value> = []
  readonly start: number
  end = 0
  constructor(start: number) {
    this.start = start
  }
}

/** A parsed value. Strings are decoded; numbers and booleans are the text of the file: a column has one type, found on all of it, later. */
export type Value = string | null | Members | List

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const HEX = /^[0-9a-fA-F]{4}$/
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
}

/** Reads one value after the other from a text; a format that knows what is inside may read it its own way. Throws {@link JsonProblem}. */
export class Parser {
  readonly text: string
  at = 0
  depth = 0

  constructor(text: string) {
    this.text = text
  }

  fail(message: string, at = this.at): never {
    throw new JsonProblem(at >= this.text.length ? "a value that stops short" : message, at, at >= this.text.length)
  }

  /** The next character code that is not blank; NaN at the end. */
  peek(): number {
    for (;;) {
      const code = this.text.charCodeAt(this.at)
      if (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09) this.at++
      else return code
    }
  }

  value(): Value {
    const code = this.peek()
    if (code === 0x22) return this.string()
    if (code === 0x7b) return this.members()
    if (code === 0x5b) return this.list()
    if (code === 0x74) return this.word("true")
    if (code === 0x66) return this.word("false")
    if (code === 0x6e) return this.word("null", null)
    NUMBER.lastIndex = this.at
    if (!NUMBER.test(this.text))
      this.fail("a value was expected", this.text.slice(this.at) === "-" ? this.at + 1 : this.at)
    const start = this.at
    this.at = NUMBER.lastIndex
    return this.text.slice(start, this.at)
  }

  word(word: string, value: string | null = word): string | null {
    if (!this.text.startsWith(word, this.at)) {
      this.fail(`"${word}" was expected`, word.startsWith(this.text.slice(this.at)) ? this.text.length : this.at)
    }
    this.at += word.length
    return value
  }

  enter(): void {
    this.at++
    if (++this.depth > MAX_DEPTH) throw new JsonProblem(`nested deeper than ${MAX_DEPTH} levels`, this.at)
  }

  members(): Members {
    const members = new Members(this.at)
    this.enter()
    if (this.peek() === 0x7d) this.at++
    else {
      for (;;) {
        if (this.peek() !== 0x22) this.fail("a key in double quotes was expected")
        members.keys.push(this.string())
        if (this.peek() !== 0x3a) this.fail('":" was expected after a key')
        this.at++
        members.values.push(this.value())
        const code = this.peek()
        if (code !== 0x2c && code !== 0x7d) this.fail('"," or "}" was expected')
        this.at++
        if (code === 0x7d) break
      }
    }
    this.depth--
    members.end = this.at
    return members
  }

  list(): List {
    const list = new List(this.at)
    this.enter()
    if (this.peek() === 0x5d) this.at++
    else {
      for (;;) {
        list.items.push(this.value())
        const code = this.peek()
        if (code !== 0x2c && code !== 0x5d) this.fail('"," or "]" was expected')
        this.at++
        if (code === 0x5d) break
      }
    }
    this.depth--
    list.end = this.at
    return list
  }

  string(): string {
    const { text } = this
    let start = ++this.at
    let decoded = ""
    for (;;) {
      const code = text.charCodeAt(this.at)
      if (code === 0x22) {
        const rest = text.slice(start, this.at++)
        return decoded === "" ? rest : decoded + rest
      }
      if (code === 0x5c) {
        decoded += text.slice(start, this.at) + this.escape()
        start = this.at
      } else if (code >= 0x20) this.at++
      else this.fail("a control character in a string")
    }
  }

  escape(): string {
    const letter = this.text.charAt(this.at + 1)
    const known = ESCAPES[letter]
    if (known !== undefined) {
      this.at += 2
      return known
    }
    if (letter !== "u") this.fail("an unknown escape in a string", letter === "" ? this.text.length : this.at)
    const unit = this.hex(this.at + 2)
    this.at += 6
    if (unit < 0xd800 || unit > 0xdfff) return String.fromCharCode(unit)
    // Half a pair has no place in UTF-8: it stays the escape it was, so that nothing becomes U+FFFD in silence.
    if (unit < 0xdc00 && this.text.startsWith("\\u", this.at)) {
      const low = this.hex(this.at + 2)
      if (low >= 0xdc00 && low <= 0xdfff) {
        this.at += 6
        return String.fromCharCode(unit, low)
      }
    }
    return this.text.slice(this.at - 6, this.at)
  }

  hex(at: number): number {
    const digits = this.text.slice(at, at + 4)
    if (!HEX.test(digits))
      this.fail("four hexadecimal digits were expected after \\u", digits.length < 4 ? this.text.length : at)
    return Number.parseInt(digits, 16)
  }
}

/** Parses a text that holds one value and nothing else; throws {@link JsonProblem} with `at` in characters. */
export const parseValue = (text: string): Value => {
  const parser = new Parser(text)
  const value = parser.value()
  if (!Number.isNaN(parser.peek())) parser.fail("text after the value")
  return value
}

/** The text of an object or a list as the file has it, without the blanks between its tokens. */
export const sourceOf = (node: Members | List, text: string): string =>
  text.slice(node.start, node.end).replaceAll(/("[^"\\]*(?:\\.[^"\\]*)*")|[ \n\r\t]+/g, "$1")
