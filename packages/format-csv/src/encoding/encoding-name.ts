/** The encodings that French open data comes in, by their WHATWG or IANA names. */
export const encodings = ["utf-8", "utf-16le", "utf-16be", "windows-1252", "iso-8859-1", "macintosh", "ibm850"] as const

export type EncodingName = (typeof encodings)[number]
