/** The text of a cell: paragraphs, with their runs of spaces, tabs and line breaks; notes, pictures and shapes are not part of it. */

/** Longer runs of spaces were made to fill the memory. */
const MOST_SPACES = 32_767
const INLINE = new Set(["text:span", "text:a", "text:ruby", "text:ruby-base", "text:meta"])

export class CellText {
  private text = ""
  private paragraphs = 0
  private inParagraph = 0
  /** Elements open inside something that is no text of the cell. */
  private outside = 0

  reset(): void {
    this.text = ""
    this.paragraphs = 0
    this.inParagraph = 0
    this.outside = 0
  }

  open(name: string, attributes: Readonly<Record<string, string>>): void {
    if (this.outside > 0) this.outside++
    else if (name === "text:p" || name === "text:h") {
      if (this.paragraphs++ > 0) this.text += "\n"
      this.inParagraph++
    } else if (this.inParagraph > 0 && name === "text:s")
      this.text += " ".repeat(Math.min(Number(attributes["text:c"] ?? 1) || 1, MOST_SPACES))
    else if (this.inParagraph > 0 && name === "text:tab") this.text += "\t"
    else if (this.inParagraph > 0 && name === "text:line-break") this.text += "\n"
    else if (!INLINE.has(name)) this.outside = 1
  }

  add(piece: string): void {
    // Runs of white space are one space, as in any paragraph of the format; further ones are written as `text:s`.
    if (this.outside === 0 && this.inParagraph > 0) this.text += piece.replaceAll(/[\t\n\r ]+/g, " ")
  }

  close(name: string): void {
    if (this.outside > 0) this.outside--
    else if (name === "text:p" || name === "text:h") this.inParagraph--
  }

  get value(): string {
    return this.text
  }
}
