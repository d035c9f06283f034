/** What a format read, gathered so that two readings can be compared. */
import * as Stream from "effect/Stream"
import * as Effect from "effect/Effect"
import type { ReadError } from "../contracts/errors.ts"
import { type Reject, rejectCodes } from "../contracts/reject.ts"
import type { Cell, TableEvent } from "../contracts/table.ts"
import { claim } from "./law.ts"

/** One table as read: rows as cells in the order of `columns`, NULL where a column came later. */
export interface ReadTable {
  readonly parent: string | undefined
  readonly columns: ReadonlyArray<string>
  readonly rows: ReadonlyArray<ReadonlyArray<Cell>>
  readonly rowNumbers: ReadonlyArray<number>
  readonly parentRows: ReadonlyArray<number>
  readonly rejects: ReadonlyArray<Reject>
}

const MOST_ROWS = 8_192

interface Building {
  parent: string | undefined
  columns: Array<string>
  rows: Array<Array<Cell>>
  rowNumbers: Array<number>
  parentRows: Array<number>
  rejects: Array<Reject>
}

/** The code is one of the list, said of what it is for; a column is one of the table; a byte range is a range. */
const claimReject = ({ byte, byteLength, code, column, row }: Reject, columns: ReadonlyArray<string>): void => {
  const kind = column === undefined ? "row" : "cell"
  claim(
    Object.hasOwn(rejectCodes, code) && rejectCodes[code].kind === kind,
    `a reject of a ${kind} with the code "${code}", which is none for a ${kind}`,
  )
  const known = typeof column === "string" ? columns.includes(column) : columns[column ?? 0] !== undefined
  claim(column === undefined || known, `a reject of the column ${String(column)}, which the table does not have`)
  claim(Number.isInteger(row) && row > 0, `a reject of record ${row}`)
  claim((byte ?? 0) >= 0 && (byteLength ?? 1) > 0, `a reject at byte ${byte}, ${byteLength} bytes long`)
}

/** Gathers the tables of a reading, and checks the protocol on the way: tables started first, columns of one length, row numbers rising, rejects as the list of codes says. */
export const collectTables = <E = ReadError>(
  events: Stream.Stream<TableEvent, E>,
): Effect.Effect<Readonly<Record<string, ReadTable>>, E> =>
  Effect.map(
    Stream.runFold(
      events,
      () => new Map<string, Building>(),
      (tables, event: TableEvent) => {
        if (event._tag === "Facts") return tables
        if (event._tag === "TableStarted") {
          claim(!tables.has(event.table), `table "${event.table}" started twice`)
          claim(
            event.parent === undefined || tables.has(event.parent),
            `table "${event.table}" started before its parent "${event.parent}"`,
          )
          tables.set(event.table, {
            parent: event.parent,
            columns: event.columns.map((column) => column.name),
            rows: [],
            rowNumbers: [],
            parentRows: [],
            rejects: [],
          })
          return tables
        }
        const table = tables.get(event.table)
        claim(table !== undefined, `${event._tag} for table "${event.table}", which has not started`)
        if (event._tag === "ColumnsAdded") table.columns.push(...event.columns.map((column) => column.name))
        else if (event._tag === "Rejects") {
          for (const reject of event.rejects) claimReject(reject, table.columns)
          table.rejects.push(...event.rejects)
        } else {
          claim(event.size > 0 && event.size <= MOST_ROWS, `a batch of ${event.size} rows, ${MOST_ROWS} at most`)
          claim(
            event.columns.length <= table.columns.length,
            `a batch of ${event.columns.length} columns for ${table.columns.length} announced`,
          )
          claim(
            event.columns.every((column) => column.length === event.size),
            `columns of a batch differ in length`,
          )
          claim(
            event.rowNumbers.length === event.size,
            `rowNumbers has ${event.rowNumbers.length} entries for ${event.size} rows`,
          )
          claim(
            (table.parent === undefined) === (event.parentRows === undefined),
            `parentRows belong to child tables, and to all of them ("${event.table}")`,
          )
          for (let r = 0; r < event.size; r++) {
            const number = event.rowNumbers[r] ?? 0
            claim(number > (table.rowNumbers.at(-1) ?? 0), `row numbers of "${event.table}" do not rise at ${number}`)
            table.rowNumbers.push(number)
            if (event.parentRows !== undefined) table.parentRows.push(event.parentRows[r] ?? 0)
            table.rows.push(event.columns.map((column) => column[r] ?? null))
          }
        }
        return tables
      },
    ),
    (tables) =>
      Object.fromEntries(
        [...tables].map(([name, table]) => [
          name,
          {
            ...table,
            rows: table.rows.map((row) => [...row, ...Array<Cell>(table.columns.length - row.length).fill(null)]),
          },
        ]),
      ),
  )
