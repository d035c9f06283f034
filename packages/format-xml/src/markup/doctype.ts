/**
 * The document type declaration is stepped over: what it declares is never read, fetched or expanded, so neither external entities nor
 * entities of entities can do anything. A document that uses an entity of its own is refused where it does.
 */

const skipTo = (text: string, end: string, from: number): number => {
  const at = text.indexOf(end, from)
  return at < 0 ? text.length : at + end.length
}

/** The index after the declaration that starts at `from` (at its `<`), or -1 while its end is not there. */
export const endOfDoctype = (text: string, from: number): number => {
  let inSubset = false
  let at = from + "<!DOCTYPE".length
  while (at < text.length) {
    const character = text[at]
    if (character === '"' || character === "'") at = skipTo(text, character, at + 1)
    else if (text.startsWith("<!--", at)) at = skipTo(text, "-->", at + 4)
    else if (text.startsWith("<?", at)) at = skipTo(text, "?>", at + 2)
    else if (character === ">" && !inSubset) return at + 1
    else {
      if (character === "[") inSubset = true
      else if (character === "]") inSubset = false
      at++
    }
  }
  return -1
}
