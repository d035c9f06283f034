/** What stands around the records: attributes and texts of the document's frame, as facts of the file. */
const MOST_FACTS = 1_000
const MOST_CHARACTERS = 65_536

/** Facts by path, names joined by dots; a path that repeats keeps every value, until there are too many. */
export class Envelope {
  readonly facts: { [path: string]: string } = Object.create(null) as { [path: string]: string }
  /** Values that were one too many. */
  omitted = 0
  private count = 0
  private characters = 0

  add(path: ReadonlyArray<string>, value: string): void {
    this.characters += value.length
    if (++this.count > MOST_FACTS || this.characters > MOST_CHARACTERS) {
      this.omitted++
      return
    }
    const name = path.join(".")
    let unique = name
    for (let n = 2; unique in this.facts; n++) unique = `${name}_${n}`
    this.facts[unique] = value
  }
}
