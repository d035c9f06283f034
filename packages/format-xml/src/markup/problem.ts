/** Why bytes are not XML, and where: thrown by the pure parts, turned into a `FormatError` at the edge. */
export class XmlProblem extends Error {
  /** Line from 1, byte from 0. */
  readonly line: number
  readonly byte: number
  /** The text ended where more was due: the mark of a truncated file. */
  readonly incomplete: boolean

  constructor(message: string, line: number, byte: number, incomplete = false) {
    super(message)
    this.line = line
    this.byte = byte
    this.incomplete = incomplete
  }
}
