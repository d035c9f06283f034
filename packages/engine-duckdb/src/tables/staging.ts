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
import { type FileHandle, open, writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { Database } from "../database/database.ts"
import { engineError } from "../database/failure.ts"
import { listLiteral } from "../database/sql.ts"
import { headRows, sampleFile, sampleRows } from "./sample.ts"
import { isStagedNatively, type Part, readStaged, stagedQuery } from "./staging-csv.ts"
import { StagingWriter } from "./staging-writer.ts"
import { nothingRefused, type Refused } from "./typed-table.ts"
import type { Untyped } from "./untyped.ts"
import { scopedFolder } from "./work-folder.ts"

const attempt = <A>(purpose: string, run: () => Promise<A>): Effect.Effect<A, EngineError> =>
  Effect.tryPromise({ try: run, catch: (cause) => engineError("staging", purpose, cause) })

const misuse = (message: string): EngineError =>
  new EngineError({ plugin: "duckdb", operation: "staging", message, reason: terminal })

/** A file being written. */
interface OpenPart {
  readonly path: string
  readonly file: FileHandle
  readonly width: number
  longest: number
  readonly escaped: Set<number>
  rows: number
}

/** A table being staged. */
interface Staged {
  readonly name: string
  readonly parent: string | undefined
  readonly folder: string
  readonly columns: Array<Column>
  readonly parts: Array<OpenPart>
  rejects: OpenPart | undefined
  rowRejects: number
  cellRejects: number
  facts: JsonObject
}

const openPart = (folder: string, name: string, width: number): Effect.Effect<OpenPart, EngineError, Scope.Scope> => {
  const path = join(folder, name)
  return Effect.acquireRelease(
    Effect.map(
      attempt("open a staging file", () => open(path, "wx")),
      (file): OpenPart => ({ path, file, width, longest: 0, escaped: new Set(), rows: 0 }),
    ),
    ({ file }) => Effect.promise(() => file.close()),
  )
}

/** What `write` writes, at the end of a part. */
const append = (
  part: OpenPart,
  writer: StagingWriter,
  rows: number,
  write: () => void,
): Effect.Effect<void, EngineError> =>
  attempt("write a staging file", () => {
    writer.clear()
    write()
    part.longest = Math.max(part.longest, writer.longest)
    for (const place of writer.escaped) part.escaped.add(place)
    part.rows += rows
    return part.file.writeFile(writer.bytes)
  })

/** The list of codes is closed: what a plugin that nobody type-checked calls otherwise is told in the message. */
const inList = ({ code, column, message }: Reject): Pick<Reject, "code" | "message"> => {
  const kind = column === undefined ? "row" : "cell"
  if (Object.hasOwn(rejectCodes, code) && rejectCodes[code].kind === kind)
    return message === undefined ? { code } : { code, message }
  return { code: `unreadable-${kind}`, message: message === undefined ? code : `${code}: ${message}` }
}

const addRejects = Effect.fnUntraced(function* (table: Staged, rejects: ReadonlyArray<Reject>, writer: StagingWriter) {
  if (rejects.length === 0) return
  table.rejects ??= yield* openPart(table.folder, "rejects.csv", 8)
  const placeOf = (column: Reject["column"]): number | undefined =>
    typeof column === "string" ? table.columns.findIndex(({ name }) => name === column) : column
  const lost = rejects.find(({ column }) => column !== undefined && table.columns[placeOf(column) ?? -1] === undefined)
  if (lost !== undefined)
    return yield* misuse(
      `the format rejected a cell of the column ${JSON.stringify(lost.column)}, which ${JSON.stringify(table.name)} does not have`,
    )
  table.rowRejects += rejects.filter(({ column }) => column === undefined).length
  table.cellRejects += rejects.filter(({ column }) => column !== undefined).length
  yield* append(table.rejects, writer, rejects.length, () => {
    for (const reject of rejects) {
      const { row, column, raw, line, byte, byteLength } = reject
      const { code, message } = inList(reject)
      writer.record([row, placeOf(column), code, rawText(raw), message, line, byte, byteLength])
    }
  })
})

/** Stages the events; the tables in the order they started. */
const stage = Effect.fnUntraced(function* (events: Stream.Stream<TableEvent, ReadError>, folder: string) {
  const tables = new Map<string, Staged>()
  const writer = new StagingWriter()
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
          const width = table.columns.length
          if (table.parts.at(-1)?.width !== width)
            table.parts.push(yield* openPart(table.folder, `part-${table.parts.length}.csv`, width))
          const part = table.parts.at(-1)
          if (part === undefined) return
          return yield* append(part, writer, event.size, () => writer.batch(event, table.parent !== undefined, width))
        }
        case "Rejects":
          return yield* addRejects(yield* started(event.table), event.rejects, writer)
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
  return [...tables.values()].map((table) => ({ ...table, facts: { ...facts, ...table.facts } }))
})

const sampled = Effect.fnUntraced(function* (table: Staged, parts: ReadonlyArray<Part>, database: Database) {
  let whole = true
  const samples: Array<Part> = []
  for (const [index, part] of parts.entries()) {
    const sample = yield* sampleFile(part.path)
    const path = join(table.folder, `sample-${index}.csv`)
    yield* attempt("write a sample", () => writeFile(path, sample.bytes))
    samples.push({ ...part, path })
    whole &&= sample.whole
  }
  const width = table.columns.length
  const connection = yield* database.connect
  const hasParent = table.parent !== undefined
  const columns = yield* sampleRows(connection, stagedQuery(samples, table.columns, hasParent), width).pipe(
    Effect.catchTag("EngineError", () =>
      sampleRows(
        connection,
        `select * from (${stagedQuery(parts, table.columns, hasParent)}) limit ${headRows(width)}`,
        width,
      ),
    ),
  )
  return { columns, whole }
}, Effect.scoped)

const refusedOf = (table: Staged, names: ReadonlyArray<string>): Refused => {
  if (table.rejects === undefined) return nothingRefused
  const { kind: _kind, ...columns } = rejectColumns
  return {
    sql: `select * replace (${listLiteral(names)}[column_name::bigint + 1] as column_name) from ${readStaged(table.rejects, columns)}`,
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
  return yield* Effect.forEach(
    tables,
    Effect.fnUntraced(function* (table) {
      if (table.parts.length === 0) table.parts.push(yield* openPart(table.folder, "part-0.csv", table.columns.length))
      const parts: ReadonlyArray<Part> = table.parts
      const untyped: Untyped = {
        table: table.name,
        parent: table.parent,
        columns: table.columns,
        native: isStagedNatively,
        hidden: table.parent === undefined ? ["_row"] : ["_row", "_parent_row"],
        facts: table.facts,
        sample: yield* sampled(table, parts, database),
        withQuery: (use) =>
          Effect.scoped(
            Effect.flatMap(database.connect, (connection) =>
              use(connection, stagedQuery(parts, table.columns, table.parent !== undefined)),
            ),
          ),
      }
      return { untyped, refused: (names: ReadonlyArray<string>) => refusedOf(table, names) }
    }),
  )
})
