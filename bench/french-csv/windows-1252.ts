/** The characters of our texts that windows-1252 has where latin-1 has control characters. */
const special: Readonly<Record<string, string>> = { "€": "\x80", "–": "\x96", "’": "\x92", œ: "\x9c", Œ: "\x8c" }

/** Encodes a text of latin-1 characters and the five above. */
export const encodeWindows1252 = (text: string): Buffer =>
  Buffer.from(
    text.replaceAll(/[€–’œŒ]/g, (character) => special[character] ?? character),
    "latin1",
  )
