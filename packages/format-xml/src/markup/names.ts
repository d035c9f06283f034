/** Names in XML, without the apparatus of namespaces: a prefix is dropped where the rest alone says which name is meant. */

/** The name after its prefix. */
export const localName = (name: string): string => name.slice(name.indexOf(":") + 1)

/** Declarations of namespaces are no values. */
export const isNamespace = (attribute: string): boolean => attribute === "xmlns" || attribute.startsWith("xmlns:")

/** `xsi:nil="true"` makes an element NULL. */
export const isNil = (attributes: ReadonlyArray<string>): boolean => {
  const nil = attributes.indexOf("xsi:nil")
  return nil % 2 === 0 && (attributes[nil + 1] === "true" || attributes[nil + 1] === "1")
}

const WORD = /[A-Z]?[a-z0-9\u00df-\u00ff]+|[A-Z]+(?![a-z])/g
const GATHERING = new Set(["list", "liste", "array", "collection", "set"])

/** Words of a name, in lower case and without plural endings. */
const singular = (name: string): string =>
  (localName(name).match(WORD) ?? [])
    .map((word) => word.toLowerCase())
    .filter((word, index) => index === 0 || !GATHERING.has(word))
    .map((word) => word.replace(/[sx]$/, ""))
    .join(" ")

/** Whether `wrapper` is the plural of `element`, as in `typesPrix` of `typePrix`, or a list of it, as in `pdv_liste` of `pdv`. */
export const isPluralOf = (wrapper: string, element: string): boolean => {
  if (localName(wrapper).toLowerCase() === localName(element).toLowerCase()) return false
  return singular(wrapper) === singular(element)
}
