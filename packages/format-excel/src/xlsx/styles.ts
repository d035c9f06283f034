/** How the cells of each style show their numbers. */
import { type Shown, shownByFormat } from "../values/number-format.ts"
import type { Archive } from "../zip/archive.ts"
import { localName, readXml } from "../zip/xml.ts"

/** By the index of a cell's style (`s`). */
export const readStyles = async (archive: Archive, part: string | undefined): Promise<ReadonlyArray<Shown>> => {
  if (part === undefined) return []
  const codes = new Map<number, string>()
  const formats: Array<number> = []
  let inCellFormats = false
  await readXml(part, archive.unpack(part), {
    open: (name, { numFmtId, formatCode }) => {
      const local = localName(name)
      if (local === "numFmt" && numFmtId !== undefined && formatCode !== undefined)
        codes.set(Number(numFmtId), formatCode)
      else if (local === "cellXfs") inCellFormats = true
      else if (local === "xf" && inCellFormats) formats.push(Number(numFmtId ?? 0))
    },
    text: () => {},
    close: (name) => {
      if (localName(name) === "cellXfs") inCellFormats = false
    },
  })
  const shown = new Map<number, Shown>()
  return formats.map((id) => {
    const found = shown.get(id) ?? shownByFormat(id, codes.get(id))
    shown.set(id, found)
    return found
  })
}
