/** One JSON value a line. A line feed never stands inside a JSON string, so a broken line cannot take its neighbours with it. */
import { parseValue } from "./parse.ts"
import { JsonProblem, MAX_VALUE_BYTES } from "./problem.ts"
import { textOf } from "./encoding.ts"
import type { Taken } from "./walker.ts"

const LINES_LOOKED_AT = 100

/** Whether the head of a file is one value a line: at least two lines, most of the complete ones sound, none the piece of a larger value. */
export const looksLikeLines = (head: Uint8Array, whole: boolean): boolean => {
  const lines = textOf(head)
    .split("\n")
    .map((line) => line.trim())
  if (!whole) lines.pop()
  const filled = lines.filter((line) => line !== "").slice(0, LINES_LOOKED_AT)
  if (filled.length < 2 || !/^[[{"\d\-tfn]/.test(filled[0] ?? "")) return false
  const sound = filled.filter((line) => {
    try {
      parseValue(line)
      return true
    } catch {
      return false
    }
  }).length
  // Half, so that a file whose one good line of two is cut short is still lines, and is told so at its end.
  return sound * 2 >= filled.length && filled.every((line) => !/^[\]}],?$/.test(line))
}

/** Blanks of JSON, and the record separator of RFC 7464. */
const isBlank = (bytes: Uint8Array): boolean =>
  bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d || byte === 0x1e)

/** Cuts chunks into lines that are not blank. */
export class Lines {
  private readonly onLine: (line: Taken, last: boolean) => void
  private pieces: Array<Uint8Array> = []
  private start: number
  private offset: number

  /** `start`: the byte of the file that the first chunk begins at. */
  constructor(onLine: (line: Taken, last: boolean) => void, start: number) {
    this.onLine = onLine
    this.start = start
    this.offset = start
  }

  push(chunk: Uint8Array): void {
    let from = 0
    for (let at = chunk.indexOf(0x0a); at !== -1; at = chunk.indexOf(0x0a, from)) {
      this.emit(chunk.subarray(from, at), this.offset + at, false)
      from = at + 1
      this.start = this.offset + from
    }
    if (from < chunk.length) this.pieces.push(new Uint8Array(chunk.subarray(from)))
    this.offset += chunk.length
    if (this.offset - this.start > MAX_VALUE_BYTES)
      throw new JsonProblem(`a line longer than ${MAX_VALUE_BYTES} bytes`, this.start)
  }

  /** Call after the last chunk: what is left had no line feed after it. */
  end(): void {
    this.emit(new Uint8Array(0), this.offset, true)
  }

  private emit(rest: Uint8Array, end: number, last: boolean): void {
    const bytes = this.pieces.length === 0 ? rest : Buffer.concat([...this.pieces, rest])
    this.pieces = []
    if (isBlank(bytes)) return
    this.onLine({ kind: "scalar", start: this.start, end, bytes }, last)
  }
}
