/** Office Open XML workbooks (xlsx, xlsm, xltx): ECMA-376 and its strict variant. */
import type { SheetEvent, Unwanted } from "../sheet.ts"
import type { Archive } from "../zip/archive.ts"
import { readMergedCells } from "./merged-cells.ts"
import { readParts } from "./parts.ts"
import { readSharedStrings } from "./shared-strings.ts"
import { readStyles } from "./styles.ts"
import { readRows } from "./worksheet.ts"

export async function* readXlsx(archive: Archive, unwanted: Unwanted): AsyncGenerator<SheetEvent> {
  const parts = await readParts(archive)
  const { dateSystem } = parts
  yield {
    _tag: "Workbook",
    facts: {
      workbook: "xlsx",
      dateSystem,
      ...(archive.names.some((name) => name.endsWith("vbaproject.bin")) ? { macros: "not looked at" } : {}),
    },
  }
  const wanted = parts.sheets.map((sheet) => ({
    ...sheet,
    why: unwanted(sheet.name, sheet.state) ?? (sheet.part === undefined ? "not a sheet of cells" : undefined),
  }))
  const reads = wanted.some(({ why }) => why === undefined)
  const styles = reads ? await readStyles(archive, parts.styles) : []
  const strings = await readSharedStrings(archive, reads ? parts.sharedStrings : undefined)
  for (const { name, state, part, why } of wanted) {
    if (why !== undefined || part === undefined) {
      yield { _tag: "SheetSkipped", name, state, why: why ?? "" }
      continue
    }
    yield { _tag: "SheetStarted", name, state }
    const merged = await readMergedCells(part, archive.unpack(part))
    for await (const rows of readRows(part, archive.unpack(part), merged, { strings, styles, dateSystem }))
      yield { _tag: "Rows", rows }
  }
}
