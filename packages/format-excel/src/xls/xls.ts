/** Workbooks of Excel 2 to 2003 (xls: BIFF, from Excel 5 in an OLE container). A library reads them, whole: no sheet has more than 65,536 rows. */
import type { CellObject, Range, WorkBook, WorkSheet } from "@e965/xlsx"
import { stat } from "node:fs/promises"
import { passwordProtected, WorkbookProblem } from "../problem.ts"
import {
  errorCell,
  type Merged,
  type SheetCell,
  type SheetEvent,
  type SheetRow,
  type SheetState,
  textCell,
  type Unwanted,
} from "../sheet.ts"
import { numberCell } from "../values/number-cell.ts"
import { type Shown, shownBy } from "../values/number-format.ts"
import { shortestNumber } from "../values/number-text.ts"
import type { DateSystem } from "../values/serial-date.ts"
import { oleStreams } from "./ole.ts"

const MOST_AT_ONCE = 1_024
/** Bytes of a file; the library takes some forty times as many. */
const MOST_BYTES = 50_000_000

const states: ReadonlyArray<SheetState> = ["visible", "hidden", "very hidden"]

const errors: Readonly<Record<number, string>> = {
  0: "#NULL!",
  7: "#DIV/0!",
  15: "#VALUE!",
  23: "#REF!",
  29: "#NAME?",
  36: "#NUM!",
  42: "#N/A",
  43: "#GETTING_DATA",
}

/** What each number format says, looked up once. */
const formats = (): ((code: unknown) => Shown) => {
  const known = new Map<string, Shown>()
  return (code) => {
    const text = typeof code === "string" ? code : "General"
    const shown = known.get(text) ?? shownBy(text)
    known.set(text, shown)
    return shown
  }
}

const cellOf = (cell: CellObject, shown: (code: unknown) => Shown, system: DateSystem): SheetCell | undefined => {
  const { t, v } = cell
  if (t === "e") return errorCell(errors[Number(v)] ?? `#ERROR ${String(v)}`)
  if (v === undefined) return undefined
  if (t === "n" && typeof v === "number") return numberCell(shortestNumber(v), shown(cell.z), system)
  if (t === "b") return { kind: "boolean", text: v === true ? "true" : "false" }
  return typeof v === "string" ? textCell(v) : undefined
}

const mergedByRow = (ranges: ReadonlyArray<Range> | undefined): ReadonlyMap<number, ReadonlyArray<Merged>> => {
  const found = new Map<number, Array<Merged>>()
  for (const { s, e } of ranges ?? []) {
    const merged = { column: s.c, width: e.c - s.c + 1, height: e.r - s.r + 1 }
    found.set(s.r + 1, [...(found.get(s.r + 1) ?? []), merged])
  }
  return found
}

function* rowsOf(
  sheet: WorkSheet,
  shown: (code: unknown) => Shown,
  system: DateSystem,
): Generator<ReadonlyArray<SheetRow>> {
  const merged = mergedByRow(sheet["!merges"])
  const data: ReadonlyArray<ReadonlyArray<CellObject | undefined> | undefined> = sheet["!data"] ?? []
  let rows: Array<SheetRow> = []
  for (let r = 0; r < data.length; r++) {
    const columns: Array<number> = []
    const cells: Array<SheetCell> = []
    data[r]?.forEach((cell, column) => {
      const found = cell === undefined ? undefined : cellOf(cell, shown, system)
      if (found === undefined) return
      columns.push(column)
      cells.push(found)
    })
    if (cells.length === 0) continue
    rows.push({ number: r + 1, columns, cells, merged: merged.get(r + 1) ?? [] })
    if (rows.length < MOST_AT_ONCE) continue
    yield rows
    rows = []
  }
  if (rows.length > 0) yield rows
}

/** `isBare`: records of Excel 2 to 4, without a container around them. */
const open = async (path: string, isBare: boolean): Promise<WorkBook> => {
  const { size } = await stat(path)
  if (size > MOST_BYTES)
    throw new WorkbookProblem(
      `${size} bytes of xls must be held in memory, ${MOST_BYTES} at most`,
      "ask its publisher for xlsx, ods or CSV",
    )
  const streams = isBare ? ["Book"] : await oleStreams(path)
  if (streams.includes("EncryptedPackage")) throw passwordProtected()
  if (!streams.includes("Workbook") && !streams.includes("Book"))
    throw new WorkbookProblem("it is an old Office document, but no workbook", "ask its publisher for xlsx, ods or CSV")
  const [library, { readFile }, codepages] = await Promise.all([
    import("@e965/xlsx"),
    import("node:fs/promises"),
    import("@e965/xlsx/dist/cpexcel.full.mjs"),
  ])
  library.set_cptable(codepages)
  try {
    return library.read(await readFile(path), {
      type: "buffer",
      dense: true,
      cellNF: true,
      cellText: false,
      cellHTML: false,
      cellFormula: false,
    })
  } catch (error) {
    if (error instanceof Error && /password|encrypt/i.test(error.message)) throw passwordProtected()
    throw error
  }
}

export async function* readXls(path: string, unwanted: Unwanted, isBare: boolean): AsyncGenerator<SheetEvent> {
  const workbook = await open(path, isBare)
  const system: DateSystem = workbook.Workbook?.WBProps?.date1904 === true ? 1904 : 1900
  yield { _tag: "Workbook", facts: { workbook: "xls", dateSystem: system } }
  const shown = formats()
  for (const [index, name] of workbook.SheetNames.entries()) {
    const sheet = workbook.Sheets[name]
    const state = states[workbook.Workbook?.Sheets?.[index]?.Hidden ?? 0] ?? "visible"
    const why =
      unwanted(name, state) ??
      (sheet === undefined || (sheet["!type"] ?? "sheet") !== "sheet" ? "not a sheet of cells" : undefined)
    if (why !== undefined || sheet === undefined) {
      yield { _tag: "SheetSkipped", name, state, why: why ?? "" }
      continue
    }
    yield { _tag: "SheetStarted", name, state }
    for (const rows of rowsOf(sheet, shown, system)) yield { _tag: "Rows", rows }
  }
}
