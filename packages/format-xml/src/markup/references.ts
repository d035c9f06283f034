/** References in text: characters by number, the five predefined entities, and those that the document spells out, as long as they are text. */
import { isCharacter } from "./characters.ts"

const PREDEFINED: ReadonlyMap<string, string> = new Map([
  ["amp", "&"],
  ["lt", "<"],
  ["gt", ">"],
  ["quot", '"'],
  ["apos", "'"],
])

/** Longest reference that is waited for: `&#x10FFFF;` with many leading zeros. */
const MOST_REFERENCE = 64
const REFERENCE = /&([^;&<\s]{0,62});|&/g

/** Characters that one entity may stand for, that all of a document may add to it, and how deep they may lie in each other: bombs go far beyond. */
const MOST_CHARACTERS = 100_000
const MOST_ADDED = 10_000_000
const DEEPEST = 16

const characterOf = (reference: string): string | undefined => {
  const digits = /^#(?:x([0-9a-fA-F]+)|([0-9]+))$/.exec(reference)
  if (digits === null) return undefined
  const code = digits[1] === undefined ? Number(digits[2]) : Number.parseInt(digits[1], 16)
  return isCharacter(code) ? String.fromCodePoint(code) : undefined
}

/** Resolves the references of one document. */
export class References {
  private readonly entities: ReadonlyMap<string, string>
  /** What each entity that was met stands for, so that it is found once; `undefined`: no text. */
  private readonly texts = new Map<string, string | undefined>()
  private added = 0

  /** `entities`: what the document spells out, as its declaration has it. */
  constructor(entities: ReadonlyMap<string, string> = new Map()) {
    this.entities = entities
  }

  /** The text with its references resolved; `refuse` is called with the first that cannot be, and must throw. */
  resolve(text: string, refuse: (reference: string, index: number) => never): string {
    return text.replaceAll(REFERENCE, (whole: string, reference: string | undefined, index: number) => {
      const found = reference === undefined ? undefined : this.decode(reference, 0)
      this.added += Math.max(0, (found?.length ?? 0) - whole.length)
      return found === undefined || this.added > MOST_ADDED ? refuse(whole, index) : found
    })
  }

  private decode(reference: string, depth: number): string | undefined {
    return PREDEFINED.get(reference) ?? characterOf(reference) ?? this.entity(reference, depth)
  }

  private entity(name: string, depth: number): string | undefined {
    const value = this.entities.get(name)
    if (value === undefined || depth >= DEEPEST) return undefined
    if (!this.texts.has(name)) this.texts.set(name, this.textOf(value, depth))
    return this.texts.get(name)
  }

  private textOf(value: string, depth: number): string | undefined {
    // Characters by number are put in where an entity is declared: a `<` that comes so is markup (XML 1.0 §4.4).
    const declared = value.replaceAll(REFERENCE, (whole, reference?: string) => characterOf(reference ?? "") ?? whole)
    if (declared.includes("<")) return undefined
    let length = 0
    const text = declared.replaceAll(REFERENCE, (_, reference?: string) => {
      const found = reference === undefined ? undefined : this.decode(reference, depth + 1)
      length += found?.length ?? Number.POSITIVE_INFINITY
      return length > MOST_CHARACTERS ? "" : (found ?? "")
    })
    return Math.max(length, text.length) > MOST_CHARACTERS ? undefined : text
  }
}

/** How much of text may be resolved before more of it is there: all, or up to a reference that has begun. */
export const completeReferences = (text: string): number => {
  const start = text.lastIndexOf("&")
  return start < 0 || text.includes(";", start) || text.length - start > MOST_REFERENCE ? text.length : start
}
