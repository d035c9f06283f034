/** The characters and names of XML 1.0, fifth edition (productions 2, 3, 4 and 4a). */

/** What may stand nowhere in a document. Lone surrogates cannot come out of a decoder. */
// oxlint-disable-next-line no-control-regex -- these are the ones looked for
const FORBIDDEN = /[\0-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/

/** Index of a character that no XML may hold, or -1. */
export const forbiddenIn = (text: string): number => text.search(FORBIDDEN)

/** Whether a code point may be written as `&#…;`. */
export const isCharacter = (code: number): boolean =>
  code === 0x9 ||
  code === 0xa ||
  code === 0xd ||
  (code >= 0x20 && code <= 0xd7ff) ||
  (code >= 0xe000 && code <= 0xfffd) ||
  (code >= 0x10000 && code <= 0x10ffff)

/** Space, tab, carriage return, line feed. */
export const isSpace = (code: number): boolean => code === 0x20 || code === 0x0a || code === 0x09 || code === 0x0d

/** Whether text is nothing but white space; the empty text is. */
export const isBlank = (text: string): boolean => {
  for (let at = 0; at < text.length; at++) if (!isSpace(text.charCodeAt(at))) return false
  return true
}

const START =
  ":A-Z_a-z\\u{C0}-\\u{D6}\\u{D8}-\\u{F6}\\u{F8}-\\u{2FF}\\u{370}-\\u{37D}\\u{37F}-\\u{1FFF}\\u{200C}\\u{200D}\\u{2070}-\\u{218F}\\u{2C00}-\\u{2FEF}\\u{3001}-\\u{D7FF}\\u{F900}-\\u{FDCF}\\u{FDF0}-\\u{FFFD}\\u{10000}-\\u{EFFFF}"
const NAME = new RegExp(`^[${START}][${START}\\-.0-9\\u{B7}\\u{300}-\\u{36F}\\u{203F}-\\u{2040}]*$`, "u")

/** Whether text is a name. */
export const isName = (text: string): boolean => NAME.test(text)

/** Whether a code unit may end a name inside a tag: cheap, `isName` decides. */
export const endsName = (code: number): boolean =>
  isSpace(code) || code === 0x3e || code === 0x2f || code === 0x3d || code === 0x3c || code === 0x22 || code === 0x27
