/** What the styles of an ods say of cells: codes filled up with zeros, hidden sheets. Everything else stands in the cells themselves. */

export class Styles {
  /** Digits, by the name of a style that shows whole numbers with so many. */
  private readonly digits = new Map<string, number>()
  /** The number style of a cell style, and the parent of a cell style. */
  private readonly numberStyles = new Map<string, string>()
  private readonly parents = new Map<string, string>()
  private readonly hiddenTables = new Set<string>()
  private numberStyle: string | undefined
  private style: string | undefined

  /** An element of the styles; elements of the body are left alone. */
  open(name: string, attributes: Readonly<Record<string, string>>): void {
    if (name === "number:number-style") this.numberStyle = attributes["style:name"]
    else if (name === "number:number" && this.numberStyle !== undefined) {
      const digits = Number(attributes["number:min-integer-digits"] ?? 0)
      const decimals = Number(attributes["number:decimal-places"] ?? 0)
      if (digits > 1 && decimals === 0 && attributes["number:grouping"] !== "true")
        this.digits.set(this.numberStyle, digits)
    } else if (name === "number:text" || name === "number:fraction" || name === "number:scientific-number") {
      if (this.numberStyle !== undefined) this.digits.delete(this.numberStyle)
      this.numberStyle = undefined
    } else if (name === "style:style") {
      this.style = attributes["style:name"]
      const numbers = attributes["style:data-style-name"]
      const parent = attributes["style:parent-style-name"]
      if (this.style !== undefined && numbers !== undefined) this.numberStyles.set(this.style, numbers)
      if (this.style !== undefined && parent !== undefined) this.parents.set(this.style, parent)
    } else if (
      name === "style:table-properties" &&
      attributes["table:display"] === "false" &&
      this.style !== undefined
    ) {
      this.hiddenTables.add(this.style)
    }
  }

  close(name: string): void {
    if (name === "number:number-style") this.numberStyle = undefined
    else if (name === "style:style") this.style = undefined
  }

  isHidden(table: string | undefined): boolean {
    return table !== undefined && this.hiddenTables.has(table)
  }

  /** The digits that whole numbers are filled up to, if they are. */
  digitsOf(cell: string | undefined): number | undefined {
    let style = cell
    for (let depth = 0; style !== undefined && depth < 32; depth++) {
      const numbers = this.numberStyles.get(style)
      if (numbers !== undefined) return this.digits.get(numbers)
      style = this.parents.get(style)
    }
    return undefined
  }
}
