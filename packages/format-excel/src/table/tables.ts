/** The sheets of a workbook as tables. */
import type { JsonObject, TableEvent } from "@opendatahub-sql/core"
import type { Options } from "../options.ts"
import { tooLarge } from "../problem.ts"
import { selectSheets } from "../sheet-selection.ts"
import type { SheetEvent, Unwanted } from "../sheet.ts"
import { SheetTable } from "./sheet-table.ts"

/** Sheets of damaged files may share a name; tables may not. */
const unusedName = (name: string, taken: ReadonlySet<string>): string => {
  let unused = name
  for (let n = 2; taken.has(unused); n++) unused = `${name} (${n})`
  return unused
}

export async function* tablesOf(
  read: (unwanted: Unwanted) => AsyncIterable<SheetEvent>,
  options: Options,
): AsyncGenerator<ReadonlyArray<TableEvent>> {
  const selection = selectSheets(options)
  const names = new Set<string>()
  const sheets: Array<JsonObject> = []
  let facts: JsonObject = {}
  let table: SheetTable | undefined
  let length = 0
  const finish = function* (): Generator<ReadonlyArray<TableEvent>> {
    if (table === undefined) return
    yield table.end()
    sheets.push({ name: table.name, rows: table.rows })
    length += table.length
    table = undefined
  }
  for await (const event of read(selection.unwanted)) {
    if (event._tag === "Workbook") ({ facts } = event)
    else if (event._tag === "Rows") {
      yield table?.push(event.rows) ?? []
      // A row of an ods may stand for a million: what is told is counted, not only what is unpacked.
      if (length + (table?.length ?? 0) > options.maxBytes)
        throw tooLarge(`its cells hold more than ${options.maxBytes} characters`, "maxBytes")
    } else {
      yield* finish()
      const name = unusedName(event.name, names)
      names.add(name)
      if (event._tag === "SheetStarted") table = new SheetTable(name, event.state, options)
      else sheets.push({ name: event.name, state: event.state, skipped: event.why })
    }
  }
  yield* finish()
  selection.check()
  yield [{ _tag: "Facts", facts: { ...facts, sheets } }]
}
