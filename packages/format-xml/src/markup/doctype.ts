/**
 * The document type declaration is stepped over, but for the entities that it spells out. Nothing is ever fetched: an external entity, or one that
 * only a parameter entity would declare, does not exist for us.
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

const NAME = "[^\\s\"'<>%&;\\[\\]]+"
const PARTS = new RegExp(
  `<!--[\\s\\S]*?-->|<\\?[\\s\\S]*?\\?>|<!ENTITY\\s+(${NAME})\\s+(?:"([^"]*)"|'([^']*)')\\s*>|<!(?:"[^"]*"|'[^']*'|[^>"'])*>`,
  "g",
)

/** The entities that the internal subset of a declaration spells out, by name; of two of one name the first counts (XML 1.0 §4.2). */
export const entitiesOf = (declaration: string): ReadonlyMap<string, string> => {
  const entities = new Map<string, string>()
  const subset = declaration.slice(declaration.indexOf("[") + 1)
  for (const [, name, double, single] of subset.matchAll(PARTS)) {
    if (name !== undefined && !entities.has(name)) entities.set(name, double ?? single ?? "")
  }
  return entities
}
