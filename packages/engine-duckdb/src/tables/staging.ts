/** What a format reads, staged table by table as it comes: several tables open at once, columns added late, the reader held back by the disk. */
import {
  type Column,
  EngineError,
  type JsonObject,
  rawText,
  type ReadError,
  type Reject,
  rejectCodes,
  rejectColumns,
  type TableEvent,
  terminal,
} from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { type FileHandle, open } from "node:fs/promises"
import { join } from "node:path"
import type { Database } from "../database/database.ts"
import { engineError } from "../database/failure.ts"
import { listLiteral, literal } from "../database/sql.ts"
import { type Cells, PageWriter } from "../parquet/pages.ts"
import {
  isStagedNatively,
  MAGIC,
  type Part,
  type StagedColumn,
  stagedColumns,
  StagingFile,
  stagedQuery,
} from "./staging-parquet.ts"
import { StagingSample } from "./staging-sample.ts"
import { nothingRefused, type Refused } from "./typed-table.ts"
import type { Untyped } from "./untyped.ts"
import { scopedFolder } from "./work-folder.ts"

const attempt = <A>(purpose: string, run: () => Promise<A>): Effect.Effect<A, EngineError> =>
  Effect.tryPromise({ try: run, catch: (cause) => engineError("staging", purpose, cause) })

const misuse = (message: string): EngineError =>
  new EngineError({ plugin: "duckdb", operation: "staging", message, reason: terminal })

/** A file being written. */
interface OpenPart extends Part {
  readonly handle: FileHandle
  readonly file: StagingFile
}

/** A table being staged. */
interface Staged {
  readonly name: string
  readonly parent: string | undefined
  readonly folder: string
  readonly columns: Array<Column>
  readonly parts: Array<OpenPart>
  readonly sample: StagingSample
  rejects: OpenPart | undefined
  rowRejects: number
  cellRejects: number
  facts: JsonObject
}

const openPart = (
  folder: string,
  name: string,
  columns: ReadonlyArray<StagedColumn>,
  width: number,
): Effect.Effect<OpenPart, EngineError, Scope.Scope> => {
  const path = join(folder, name)
  return Effect.acquireRelease(
    attempt("open a staging file", () => open(path, "wx")),
    (handle) => Effect.promise(() => handle.close()),
  ).pipe(
    Effect.tap((handle) => attempt("write a staging file", () => handle.writeFile(MAGIC))),
    Effect.map((handle) => ({ path, width, handle, file: new StagingFile(columns) })),
  )
}

const append = (
  { handle, file }: OpenPart,
  pages: PageWriter,
  cells: (column: number) => Cells,
  rows: number,
): Effect.Effect<void, EngineError> =>
  attempt("write a staging file", async () => {
    for (const piece of file.rowGroup(pages, cells, rows)) await handle.writeFile(piece)
  })

/** The list of codes is closed: what a plugin that nobody type-checked calls otherwise is told in the message. */
const inList = ({ code, column, message }: Reject): Pick<Reject, "code" | "message"> => {
  const kind = column === undefined ? "row" : "cell"
  if (Object.hasOwn(rejectCodes, code) && rejectCodes[code].kind === kind)
    return message === undefined ? { code } : { code, message }
  return { code: `unreadable-${kind}`, message: message === undefined ? code : `${code}: ${message}` }
}

/** The columns of the rejects of a table; `column_name` is its place. */
const rejectFile: ReadonlyArray<StagedColumn> = Object.entries(rejectColumns).flatMap(([name, type]) =>
  name === "kind" ? [] : [{ name, kind: type === "BIGINT" || name === "column_name" ? "number" : "text" } as const],
)

const addRejects = Effect.fnUntraced(function* (table: Staged, rejects: ReadonlyArray<Reject>, pages: PageWriter) {
  if (rejects.length === 0) return
  table.rejects ??= yield* openPart(table.folder, "rejects.parquet", rejectFile, 0)
  const placeOf = ({ column }: Reject): number | undefined =>
    typeof column === "string" ? table.columns.findIndex(({ name }) => name === column) : column
  const lost = rejects.find(
    (reject) => reject.column !== undefined && table.columns[placeOf(reject) ?? -1] === undefined,
  )
  if (lost !== undefined)
    return yield* misuse(
      `the format rejected a cell of the column ${JSON.stringify(lost.column)}, which ${JSON.stringify(table.name)} does not have`,
    )
  const cells = rejects.filter(({ column }) => column !== undefined).length
  table.rowRejects += rejects.length - cells
  table.cellRejects += cells
  const told = rejects.map(inList)
  const values: ReadonlyArray<Cells> = [
    rejects.map(({ row }) => row),
    rejects.map(placeOf),
    told.map(({ code }) => code),
    rejects.map(({ raw }) => rawText(raw)),
    told.map(({ message }) => message),
    rejects.map(({ line }) => line),
    rejects.map(({ byte }) => byte),
    rejects.map(({ byteLength }) => byteLength),
  ]
  yield* append(table.rejects, pages, (column) => values[column] ?? [], rejects.length)
})

/** The part that takes the next rows: a new one after new columns. */
const partFor = Effect.fnUntraced(function* (table: Staged) {
  const width = table.columns.length
  const last = table.parts.at(-1)
  if (last?.width === width) return last
  const columns = stagedColumns(table.columns, table.parent !== undefined)
  const part = yield* openPart(table.folder, `part-${table.parts.length}.parquet`, columns, width)
  table.parts.push(part)
  return part
})

/** Stages the events; the tables in the order they started. */
const stage = Effect.fnUntraced(function* (events: Stream.Stream<TableEvent, ReadError>, folder: string) {
  const tables = new Map<string, Staged>()
  const pages = new PageWriter()
  let facts: JsonObject = {}
  const started = (name: string): Effect.Effect<Staged, EngineError> => {
    const table = tables.get(name)
    return table === undefined
      ? Effect.fail(misuse(`the format sent rows of ${JSON.stringify(name)} before starting it`))
      : Effect.succeed(table)
  }
  yield* Stream.runForEach(
    events,
    Effect.fnUntraced(function* (event): Effect.fn.Return<void, EngineError, Scope.Scope> {
      switch (event._tag) {
        case "TableStarted": {
          if (tables.has(event.table)) return yield* misuse(`the format started ${JSON.stringify(event.table)} twice`)
          const own = yield* scopedFolder(folder, "staged")
          tables.set(event.table, {
            name: event.table,
            parent: event.parent,
            folder: own,
            columns: [...event.columns],
            parts: [],
            sample: new StagingSample(),
            rejects: undefined,
            rowRejects: 0,
            cellRejects: 0,
            facts: {},
          })
          return
        }
        case "ColumnsAdded": {
          const table = yield* started(event.table)
          table.columns.push(...event.columns)
          return
        }
        case "Batch": {
          const table = yield* started(event.table)
          const part = yield* partFor(table)
          const hidden = table.parent === undefined ? [event.rowNumbers] : [event.rowNumbers, event.parentRows ?? []]
          const cellsOf = (column: number): Cells => hidden[column] ?? event.columns[column - hidden.length] ?? []
          table.sample.add(event)
          return yield* append(part, pages, cellsOf, event.size)
        }
        case "Rejects":
          return yield* addRejects(yield* started(event.table), event.rejects, pages)
        case "Facts": {
          if (event.table === undefined) facts = { ...facts, ...event.facts }
          else {
            const table = yield* started(event.table)
            table.facts = { ...table.facts, ...event.facts }
          }
        }
      }
    }),
  )
  for (const table of tables.values()) {
    if (table.parts.length === 0) yield* partFor(table)
    for (const { handle, file } of [...table.parts, ...(table.rejects === undefined ? [] : [table.rejects])])
      yield* attempt("write a staging file", () => handle.writeFile(file.end()))
  }
  return [...tables.values()].map((table) => ({ ...table, facts: { ...facts, ...table.facts } }))
})

const refusedOf = (table: Staged, names: ReadonlyArray<string>): Refused => {
  if (table.rejects === undefined) return nothingRefused
  return {
    sql: `select * replace (${listLiteral(names)}[column_name::bigint + 1] as column_name) from read_parquet(${literal(table.rejects.path)})`,
    rows: table.rowRejects,
    cells: table.cellRejects,
    steps: [],
  }
}

/** The tables of the events, ready to be typed; their staging files live as long as the scope. */
export const untypedEvents = Effect.fnUntraced(function* (
  events: Stream.Stream<TableEvent, ReadError>,
  database: Database,
  folder: string,
): Effect.fn.Return<
  ReadonlyArray<{ readonly untyped: Untyped; readonly refused: (names: ReadonlyArray<string>) => Refused }>,
  EngineError | ReadError,
  Scope.Scope
> {
  const tables = yield* stage(events, folder)
  return tables.map((table) => {
    const { name, parent, columns, parts } = table
    const untyped: Untyped = {
      table: name,
      parent,
      columns,
      native: isStagedNatively,
      hidden: parent === undefined ? ["_row"] : ["_row", "_parent_row"],
      facts: table.facts,
      sample: table.sample.rows(columns.length),
      withQuery: (use) =>
        Effect.scoped(
          Effect.flatMap(database.connect, (connection) =>
            use(connection, stagedQuery(parts, columns, parent !== undefined)),
          ),
        ),
    }
    return { untyped, refused: (names: ReadonlyArray<string>) => refusedOf(table, names) }
  })
})
