/** The workbook format: the bytes say which kind it is, its reader tells sheets and rows, those become tables. */
import { defineFormat, type RawFile, type ReadError, type TableEvent } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { detects } from "./detect.ts"
import { readOds } from "./ods/ods.ts"
import { type Options, optionsSchema } from "./options.ts"
import { damaged, toReadError } from "./problem.ts"
import { flatWorkbook, refusedKind } from "./refused.ts"
import type { SheetEvent, Unwanted } from "./sheet.ts"
import { tablesOf } from "./table/tables.ts"
import { isBiff } from "./xls/biff.ts"
import { isOle } from "./xls/ole.ts"
import { readXls } from "./xls/xls.ts"
import { readXlsx } from "./xlsx/xlsx.ts"
import { openArchive } from "./zip/archive.ts"

async function* readZip(path: string, options: Options, unwanted: Unwanted): AsyncGenerator<SheetEvent> {
  const archive = await openArchive(path, options)
  try {
    if (archive.has("[Content_Types].xml") || archive.has("xl/workbook.xml")) yield* readXlsx(archive, unwanted)
    else if (archive.has("content.xml")) yield* readOds(archive, unwanted)
    else throw damaged("it is no workbook: neither its xlsx parts nor those of an ods are there")
  } finally {
    archive.close()
  }
}

const read = (file: RawFile, options: Options): Stream.Stream<TableEvent, ReadError> =>
  Stream.unwrap(
    Effect.gen(function* () {
      const path = yield* file.local
      const head = Buffer.concat(yield* Stream.runCollect(file.bytes({ start: 0, end: 4_096 })))
      const flat = flatWorkbook(head)
      if (flat !== undefined) return Stream.fail(toReadError(file)(refusedKind(flat)))
      const sheets = (unwanted: Unwanted) =>
        isOle(head) || isBiff(head) ? readXls(path, unwanted, isBiff(head)) : readZip(path, options, unwanted)
      return Stream.fromAsyncIterable(tablesOf(sheets, options), toReadError(file)).pipe(
        Stream.flatMap(Stream.fromIterable),
      )
    }),
  )

/**
 * Workbooks: xlsx, ods, xls. Each visible sheet is a table under its own name; headers are found below titles, on one row or several; all
 * cells are text, dates and times as ISO text, numbers as exact as the file has them.
 * @example
 * formats: [excel({ sheets: "Tableau*", header: [3, 4] })]
 */
export const excel = defineFormat({
  id: "excel",
  apiVersion: 1,
  // 2: kinds that are not read are refused by name, not as XML.
  fingerprint: 2,
  config: optionsSchema,
  detects,
  read,
})
