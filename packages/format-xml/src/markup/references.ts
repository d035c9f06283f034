/** References in text: the five predefined entities and characters by number. Nothing else is ever expanded. */
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

const decode = (reference: string): string | undefined => {
  const named = PREDEFINED.get(reference)
  if (named !== undefined) return named
  const digits = /^#(?:x([0-9a-fA-F]+)|([0-9]+))$/.exec(reference)
  if (digits === null) return undefined
  const code = digits[1] === undefined ? Number(digits[2]) : Number.parseInt(digits[1], 16)
  return isCharacter(code) ? String.fromCodePoint(code) : undefined
}

/** The text with its references resolved; `refuse` is called with the first that cannot be, and must throw. */
export const resolveReferences = (text: string, refuse: (reference: string, index: number) => never): string =>
  text.replaceAll(REFERENCE, (whole: string, reference: string | undefined, index: number) => {
    const found = reference === undefined ? undefined : decode(reference)
    return found ?? refuse(whole, index)
  })

/** How much of text may be resolved before more of it is there: all, or up to a reference that has begun. */
export const completeReferences = (text: string): number => {
  const start = text.lastIndexOf("&")
  return start < 0 || text.includes(";", start) || text.length - start > MOST_REFERENCE ? text.length : start
}
