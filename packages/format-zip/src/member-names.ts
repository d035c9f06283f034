/** The names of zip members, as their author meant them. */
import { isAscii, isUtf8 } from "node:buffer"
import { type ExtraField, getFileNameLowLevel } from "yauzl"

const UTF8_FLAG = 0x800
const UNICODE_PATH = 0x7075
const windows1252 = new TextDecoder("windows-1252")

/** In the DOS code pages 437 and 850 the accented letters of French are 0x80–0xA7; in Windows-1252 they are 0xC0–0xFF. */
const isWindows1252 = (raw: Uint8Array): boolean => {
  let dos = 0
  let windows = 0
  for (const byte of raw) {
    if (byte >= 0xc0) windows++
    else if (byte >= 0x80 && byte <= 0xa7) dos++
  }
  return windows > dos
}

/**
 * Decodes a member's name. The format knows two encodings: UTF-8 where a flag or an extra field says so (APPNOTE 4.4.4, 4.6.9), else code
 * page 437. Tools also write UTF-8 or Windows-1252 without saying so. Backslashes become slashes.
 */
export const memberName = (flags: number, raw: Buffer, extraFields: ReadonlyArray<ExtraField>): string => {
  const declared = (flags & UTF8_FLAG) !== 0 || extraFields.some(({ id }) => id === UNICODE_PATH)
  if (declared || isAscii(raw)) return getFileNameLowLevel(flags, raw, [...extraFields], false)
  const name = isUtf8(raw) ? raw.toString("utf8") : isWindows1252(raw) ? windows1252.decode(raw) : undefined
  return name === undefined ? getFileNameLowLevel(flags, raw, [], false) : name.replaceAll("\\", "/")
}

/** Whether a name points outside the archive's own root. Members never become paths on a disk; a name like this is an attack or damage. */
export const leavesRoot = (name: string): boolean =>
  name.startsWith("/") || /^[a-zA-Z]:/.test(name) || name.split("/").includes("..")

/** `data.csv`, then `data (2).csv`: two members of one name are two files. */
export const unusedName = (name: string, taken: ReadonlySet<string>): string => {
  if (!taken.has(name)) return name
  const dot = name.lastIndexOf(".")
  const [stem, extension] = dot > name.lastIndexOf("/") + 1 ? [name.slice(0, dot), name.slice(dot)] : [name, ""]
  let n = 2
  while (taken.has(`${stem} (${n})${extension}`)) n++
  return `${stem} (${n})${extension}`
}
