/**
 * Tags and text out of chunks of text: what XML 1.0 calls well-formedness is checked, document types are stepped over. Text comes in pieces;
 * between two tags all pieces are one text.
 */
import { endsName, forbiddenIn, isBlank, isName, isSpace } from "./characters.ts"
import { isDeclaration } from "./declaration.ts"
import { endOfDoctype, entitiesOf } from "./doctype.ts"
import { XmlProblem } from "./problem.ts"
import { completeReferences, References } from "./references.ts"

/** Elements within elements. No data set comes near. */
const MOST_DEPTH = 256
/** Characters of one tag or document type: what is larger was made to exhaust the memory. */
const MOST_TAG = 16_777_216
/** Attributes of one element. */
const MOST_ATTRIBUTES = 10_000
const MOST_NAMES = 100_000

/** What is told of a document; names as written, with their prefix. */
export interface Visitor {
  /** `attributes`: name, value, name, value… The array is used again for the next element. */
  readonly open: (name: string, attributes: ReadonlyArray<string>) => void
  readonly text: (text: string) => void
  readonly close: () => void
}

export class Tokenizer {
  private readonly visitor: Visitor
  private readonly bytesOf: (text: string) => number
  private readonly stack: Array<string> = []
  private readonly names = new Map<string, string>()
  private readonly attributes: Array<string> = []
  private buffer = ""
  private at = 0
  /** What came after the buffer and is not looked at yet, and how much there must be of both together. */
  private waiting = ""
  private needed = 0
  private inside: "markup" | "comment" | "cdata" | "instruction" = "markup"
  private hasReferences = false
  private hasReturns = false
  private hasSectionEnds = false
  private rooted = false
  private typed = false
  private references = new References()
  /** Characters, bytes and line feeds of everything pushed. */
  private length = 0
  private bytes: number
  private lines = 0

  /** `bytesOf` says how many bytes text has in the file; `mark` bytes came before the first character. */
  constructor(visitor: Visitor, bytesOf: (text: string) => number, mark: number) {
    this.visitor = visitor
    this.bytesOf = bytesOf
    this.bytes = mark
  }

  /** Characters before the tag that is being told. */
  get position(): number {
    return this.length - (this.buffer.length - this.at)
  }

  push(chunk: string): void {
    if (chunk === "") return
    this.waiting += chunk
    this.length += chunk.length
    this.bytes += this.bytesOf(chunk)
    for (let line = chunk.indexOf("\n"); line >= 0; line = chunk.indexOf("\n", line + 1)) this.lines++
    const bad = forbiddenIn(chunk)
    if (bad >= 0) {
      this.take()
      const code = chunk.charCodeAt(bad).toString(16).toUpperCase().padStart(4, "0")
      this.fail(`the character U+${code} is not allowed in XML`, this.buffer.length - chunk.length + bad)
    }
    if (this.buffer.length - this.at + this.waiting.length >= this.needed) this.run()
  }

  end(): void {
    if (this.waiting !== "") this.run()
    const open = this.stack.at(-1)
    if (this.inside !== "markup" || this.at < this.buffer.length)
      this.fail("the document ends inside a tag, a comment or a section", this.at, true)
    if (open !== undefined) this.fail(`the document ends before </${open}>`, this.at, true)
    if (!this.rooted) this.fail("the document ends before its first element", this.at, true)
  }

  /** Takes what waits into the buffer. */
  private take(): void {
    this.buffer = this.at < this.buffer.length ? this.buffer.slice(this.at) + this.waiting : this.waiting
    this.at = 0
    this.waiting = ""
    this.needed = 0
  }

  private run(): void {
    this.take()
    this.hasReferences = this.buffer.includes("&")
    this.hasReturns = this.buffer.includes("\r")
    this.hasSectionEnds = this.buffer.includes("]]>")
    while (this.at < this.buffer.length && this.step());
  }

  /** Takes the next piece; false when it is not whole yet. */
  private step(): boolean {
    const { buffer, at } = this
    if (this.inside === "comment") return this.endComment()
    if (this.inside === "instruction") return this.endInstruction()
    if (this.inside === "cdata") return this.cdata()
    const tag = buffer.indexOf("<", at)
    if (tag !== at) return this.text(tag < 0 ? buffer.length : tag, tag >= 0)
    const second = buffer.charCodeAt(at + 1)
    if (second === 0x2f) return this.closeTag()
    if (second === 0x3f) return this.instruction()
    if (second === 0x21) return this.declaration()
    return Number.isNaN(second) ? false : this.openTag()
  }

  private text(end: number, isWhole: boolean): boolean {
    const { buffer, at } = this
    let text = buffer.slice(at, end)
    if (this.stack.length === 0) {
      if (!isBlank(text))
        this.fail(this.rooted ? "text after the document's element" : "text before the document's element", at)
      this.at = end
      return true
    }
    if (!isWhole) {
      // `&am`, `\r` and `]]` mean something only together with what follows.
      let safe = this.hasReferences ? completeReferences(text) : text.length
      if (text[safe - 1] === "\r") safe--
      else if (text[safe - 1] === "]") safe -= text[safe - 2] === "]" ? 2 : 1
      text = text.slice(0, safe)
      if (text === "") return false
    }
    if (this.hasSectionEnds && text.includes("]]>")) this.fail('"]]>" in text', at + text.indexOf("]]>"))
    this.at = at + text.length
    this.visitor.text(this.resolved(this.hasReturns ? text.replaceAll(/\r\n?/g, "\n") : text, at))
    return true
  }

  private resolved(text: string, at: number): string {
    if (!this.hasReferences || !text.includes("&")) return text
    return this.references.resolve(text, (reference, index) =>
      this.fail(
        reference === "&"
          ? 'an "&" that begins no reference; it is written "&amp;"'
          : `the reference ${reference} is no character and no text that the document itself spells out; entities with markup, external ones and bombs are not expanded`,
        at + index,
      ),
    )
  }

  private closeTag(): boolean {
    const { buffer, at, stack } = this
    const open = stack[stack.length - 1]
    if (open !== undefined && buffer.startsWith(open, at + 2) && buffer.charCodeAt(at + 2 + open.length) === 0x3e) {
      this.closeElement(at + 3 + open.length)
      return true
    }
    const end = buffer.indexOf(">", at)
    if (end < 0) return this.wait(at)
    const name = buffer.slice(at + 2, end).replace(/[ \t\r\n]+$/, "")
    if (open === undefined) this.fail(`</${name.slice(0, 80)}> closes nothing`, at)
    if (name !== open) this.fail(`</${name.slice(0, 80)}> where </${open}> is due`, at)
    this.closeElement(end + 1)
    return true
  }

  private closeElement(end: number): void {
    this.at = end
    this.stack.pop()
    this.visitor.close()
  }

  private openTag(): boolean {
    const { buffer, at } = this
    this.attributes.length = 0
    const nameEnd = this.nameEnd(at + 1)
    for (let index = nameEnd; ;) {
      const from = index
      while (isSpace(buffer.charCodeAt(index))) index++
      const code = buffer.charCodeAt(index)
      if (code === 0x3e) {
        this.openElement(nameEnd, index + 1, false)
        return true
      }
      if (code === 0x2f && index + 1 < buffer.length) {
        if (buffer.charCodeAt(index + 1) !== 0x3e) this.fail('"/" inside a tag', index)
        this.openElement(nameEnd, index + 2, true)
        return true
      }
      if (index >= buffer.length || code === 0x2f) return this.wait(at)
      if (from === index) this.fail("white space is due between the parts of a tag", index)
      index = this.attribute(index)
      if (index < 0) return this.wait(at)
    }
  }

  private openElement(nameEnd: number, end: number, closes: boolean): void {
    const { stack, at } = this
    const name = this.checked(this.buffer.slice(at + 1, nameEnd), at)
    if (stack.length === 0 && this.rooted) this.fail(`<${name}> after the document's element`, at)
    if (stack.length >= MOST_DEPTH) this.fail(`elements within elements beyond ${MOST_DEPTH}`, at)
    const twice = repeatedName(this.attributes)
    if (twice !== undefined) this.fail(`two attributes ${twice} in one tag`, at)
    stack.push(name)
    this.rooted = true
    this.visitor.open(name, this.attributes)
    if (closes) this.closeElement(end)
    else this.at = end
  }

  /** Reads `name="value"`; the index after it, or -1 when it is not whole yet. */
  private attribute(start: number): number {
    const { buffer } = this
    const nameEnd = this.nameEnd(start)
    let index = nameEnd
    while (isSpace(buffer.charCodeAt(index))) index++
    if (index >= buffer.length) return -1
    const name = this.checked(buffer.slice(start, nameEnd), start)
    if (buffer.charCodeAt(index) !== 0x3d) this.fail(`the attribute ${name} has no value`, index)
    do index++
    while (isSpace(buffer.charCodeAt(index)))
    if (index >= buffer.length) return -1
    const quote = buffer.charCodeAt(index)
    if (quote !== 0x22 && quote !== 0x27) this.fail(`the value of the attribute ${name} is not in quotes`, index)
    const from = index + 1
    let spaces = false
    for (index = from; index < buffer.length; index++) {
      const code = buffer.charCodeAt(index)
      if (code === quote) {
        if (this.attributes.length >= 2 * MOST_ATTRIBUTES) this.fail(`more than ${MOST_ATTRIBUTES} attributes`, start)
        const raw = buffer.slice(from, index)
        this.attributes.push(name, this.resolved(spaces ? raw.replaceAll(/\r\n|[\t\n\r]/g, " ") : raw, from))
        return index + 1
      }
      if (code === 0x3c) this.fail(`"<" in the value of the attribute ${name}`, index)
      if (code < 0x20) spaces = true
    }
    return -1
  }

  private instruction(): boolean {
    const { buffer, at } = this
    const end = buffer.indexOf("?", at + 2)
    const target = /^[^\s?]*/.exec(buffer.slice(at + 2, at + 300))?.[0] ?? ""
    if (target === "xml") {
      if (this.position > 0) this.fail("an XML declaration that is not at the very start", at)
      if (end < 0) return this.wait(at)
      if (!isDeclaration(buffer.slice(at + 5, end).trimStart())) this.fail("an XML declaration that is not one", at)
    } else {
      if (at + 2 + target.length >= buffer.length) return this.wait(at)
      if (!isName(target) || target.toLowerCase() === "xml")
        this.fail("a processing instruction without a proper name", at)
      const next = buffer.charCodeAt(at + 2 + target.length)
      if (next === 0x3f && at + 3 + target.length >= buffer.length) return this.wait(at)
      if (next === 0x3f && buffer.charCodeAt(at + 3 + target.length) !== 0x3e)
        this.fail("a processing instruction without a proper name", at)
    }
    this.inside = "instruction"
    this.at = at + 2
    return true
  }

  private endInstruction(): boolean {
    const end = this.buffer.indexOf("?>", this.at)
    if (end < 0) {
      this.at = Math.max(this.at, this.buffer.length - 1)
      return false
    }
    this.at = end + 2
    this.inside = "markup"
    return true
  }

  private declaration(): boolean {
    const { buffer, at } = this
    if (buffer.startsWith("<!--", at)) {
      this.inside = "comment"
      this.at = at + 4
      return true
    }
    if (buffer.startsWith("<![CDATA[", at)) {
      if (this.stack.length === 0) this.fail("a CDATA section outside the document's element", at)
      this.inside = "cdata"
      this.at = at + 9
      return true
    }
    if (buffer.length < at + 10) return false
    if (!buffer.startsWith("<!DOCTYPE", at) || !isSpace(buffer.charCodeAt(at + 9)))
      this.fail('"<!" that begins no comment, CDATA section or document type', at)
    if (this.rooted || this.typed) this.fail("a document type that is not before the document's element", at)
    const end = endOfDoctype(buffer, at)
    if (end < 0) return this.wait(at)
    this.typed = true
    this.references = new References(entitiesOf(buffer.slice(at, end)))
    this.at = end
    return true
  }

  private endComment(): boolean {
    const { buffer } = this
    const end = buffer.indexOf("--", this.at)
    if (end < 0 || end + 2 >= buffer.length) {
      this.at = end < 0 ? Math.max(this.at, buffer.length - 1) : end
      return false
    }
    if (buffer.charCodeAt(end + 2) !== 0x3e) this.fail('"--" inside a comment', end)
    this.at = end + 3
    this.inside = "markup"
    return true
  }

  private cdata(): boolean {
    const { buffer, at } = this
    const end = buffer.indexOf("]]>", at)
    // Two brackets may be the beginning of the end; a return may belong to a line feed.
    const text = end < 0 ? buffer.slice(at, Math.max(at, buffer.length - 2)).replace(/\r+$/, "") : buffer.slice(at, end)
    if (text !== "") this.visitor.text(this.hasReturns ? text.replaceAll(/\r\n?/g, "\n") : text)
    this.at = end < 0 ? at + text.length : end + 3
    if (end >= 0) this.inside = "markup"
    return end >= 0
  }

  private nameEnd(from: number): number {
    const { buffer } = this
    let index = from
    while (index < buffer.length && !endsName(buffer.charCodeAt(index))) index++
    return index
  }

  /** A name, always as the same string: it does not hold the chunk it was cut from, and maps find it faster. */
  private checked(name: string, at: number): string {
    const known = this.names.get(name)
    if (known !== undefined) return known
    if (!isName(name)) this.fail(`"${name.slice(0, 80)}" is not a name`, at)
    const own = Buffer.from(name).toString()
    if (this.names.size < MOST_NAMES) this.names.set(own, own)
    return own
  }

  /** Not whole yet: unless it is beyond all measure, as much again is awaited, so that its characters are looked at twice and not with each chunk. */
  private wait(start: number): false {
    this.needed = 2 * (this.buffer.length - start)
    if (this.buffer.length - start > MOST_TAG) this.fail(`a tag of more than ${MOST_TAG} characters`, start)
    return false
  }

  private fail(message: string, at: number, incomplete = false): never {
    const ahead = this.buffer.slice(at)
    const line = this.lines - (ahead.split("\n").length - 1) + 1
    throw new XmlProblem(message, line, this.bytes - this.bytesOf(ahead), incomplete)
  }
}

/** The first name that comes twice; few attributes are compared, many are gathered. */
const repeatedName = (attributes: ReadonlyArray<string>): string | undefined => {
  if (attributes.length > 32) {
    const names = attributes.filter((_, index) => index % 2 === 0)
    return new Set(names).size === names.length ? undefined : names.find((name, index) => names.indexOf(name) < index)
  }
  for (let i = 2; i < attributes.length; i += 2)
    for (let k = 0; k < i; k += 2) if (attributes[k] === attributes[i]) return attributes[i]
  return undefined
}
