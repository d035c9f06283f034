/** `odh convert`: files to Parquet, CSV, NDJSON or a DuckDB file, with types found. */
import { Engine, isBadData, type TypedTable, WorkFolder } from "@opendatahub-sql/core"
import { exportTables } from "@opendatahub-sql/engine-duckdb"
import * as Effect from "effect/Effect"
import { copyFile, mkdir } from "node:fs/promises"
import { dirname, extname, join, resolve } from "node:path"
import type { Work } from "../cli/command.ts"
import { bytesText } from "../cli/numbers.ts"
import { tableText } from "../cli/output.ts"
import { UsageError } from "../cli/usage-error.ts"
import { inputs } from "./inputs.ts"
import { readLocal, withEngine } from "./read-local.ts"
import { writing } from "./writing.ts"

const formats = { ".parquet": "parquet", ".csv": "csv", ".ndjson": "ndjson", ".duckdb": "duckdb" } as const
type OutputFormat = (typeof formats)[keyof typeof formats]

const formatOf = (to: string): OutputFormat | undefined => formats[extname(to).toLowerCase() as keyof typeof formats]

/** Of several tables of one file, the first goes where it was said; the others beside it, called after it. */
const beside = (to: string, first: string, name: string): string => {
  const stem = to.slice(0, -extname(to).length)
  const more = name.startsWith(`${first}_`) ? name.slice(first.length) : `_${name}`
  return `${stem}${more}${extname(to)}`
}

const destinations = (
  read: ReadonlyArray<{ readonly tables: ReadonlyArray<TypedTable> }>,
  to: string,
  as: string | undefined,
) => {
  const tables = read.flatMap((one) => one.tables)
  const isOneFile = read.length === 1 && tables.every(({ member }) => member === tables[0]?.member)
  const byName = new Map<string, Array<TypedTable>>()
  for (const table of tables) byName.set(table.name, [...(byName.get(table.name) ?? []), table])
  const names = [...byName.keys()]
  const [first = ""] = names
  const format = formatOf(to)
  if (format === "duckdb") return [{ path: to, format, tables }]
  if (format !== undefined && names.length > 1 && !isOneFile) {
    throw new UsageError(
      `there are ${names.length} tables (${names.slice(0, 6).join(", ")}…): give a folder, \`--to ${to.slice(0, -extname(to).length)} --as ${format}\`, or one .duckdb file`,
    )
  }
  if (format !== undefined)
    return [...byName].map(([name, parts]) => ({
      path: name === first ? to : beside(to, first, name),
      format,
      tables: parts,
    }))
  const chosen = as ?? "parquet"
  if (chosen !== "parquet" && chosen !== "csv" && chosen !== "ndjson")
    throw new UsageError(`--as takes parquet, csv or ndjson, not "${chosen}"`)
  return [...byName].map(([name, parts]) => ({
    path: join(to, `${name}.${chosen}`),
    format: chosen as OutputFormat,
    tables: parts,
  }))
}

/** Converts all inputs; the summary tells rows and rejects. */
export const work: Work = ({ positionals, text, flag, output, hub: config }) =>
  Effect.gen(function* () {
    const to = text("to")
    if (to === undefined)
      return yield* Effect.fail(
        new UsageError("--to OUT is missing: a .parquet, .csv, .ndjson or .duckdb file, or a folder"),
      )
    const types = text("types") ?? "auto"
    if (types !== "auto" && types !== "text")
      return yield* Effect.fail(new UsageError(`--types takes auto or text, not "${types}"`))
    if (extname(to) !== "" && formatOf(to) === undefined && text("as") === undefined) {
      return yield* Effect.fail(
        new UsageError(
          `"${extname(to)}" is not an output format: .parquet, .csv, .ndjson, .duckdb, or a folder with --as`,
        ),
      )
    }
    const hub = yield* config
    const near = formatOf(to) === undefined ? resolve(to) : dirname(resolve(to))
    yield* writing(near, () => mkdir(near, { recursive: true }))
    return yield* withEngine(
      hub,
      near,
      Effect.gen(function* () {
        const given = yield* inputs(hub, positionals, yield* WorkFolder)
        const read = yield* Effect.forEach(given, (input) =>
          readLocal(hub, input, types).pipe(
            Effect.tap(({ skipped }) =>
              Effect.sync(() => {
                for (const member of skipped) output.note(`${input.given}: ${member.name} was left out: ${member.why}`)
              }),
            ),
            Effect.map((one) => [one]),
            Effect.catchIf(
              (error) => input.met && isBadData(error),
              (error) =>
                Effect.as(
                  Effect.sync(() => output.note(`left out: ${error.message}`)),
                  [],
                ),
            ),
          ),
        ).pipe(Effect.map((parts) => parts.flat()))
        if (read.length === 0)
          return yield* Effect.fail(new UsageError(`nothing to convert: ${positionals.join(", ")} holds no data`))
        const tables = read.flatMap((one) => one.tables)
        const planned = yield* Effect.try({
          try: () => destinations(read, to, text("as")),
          catch: (error) => error as UsageError,
        })
        for (const one of planned)
          yield* exportTables(one.tables, {
            path: resolve(one.path),
            format: one.format,
            family: tables,
            rowNumbers: flag("row-numbers"),
          })
        for (const { name, facts } of tables) {
          if (typeof facts["passes"] === "number")
            output.note(
              `${name}: the engine read it ${facts["passes"]} times, as its types were not those of the sample`,
            )
        }
        const rejectsFile = text("rejects")
        const rejected = tables.reduce((sum, table) => sum + table.rowRejects + table.cellRejects, 0)
        if (rejectsFile !== undefined) {
          const skipped = read.flatMap((one) => one.skipped)
          const parquet = yield* Effect.flatMap(Engine, (engine) => engine.rejectsParquet(tables, skipped))
          if (parquet !== undefined) yield* writing(rejectsFile, () => copyFile(parquet, rejectsFile))
        }
        const report = planned.flatMap((one) =>
          one.tables.map((table) => ({
            path: one.path,
            table: table.name,
            member: table.member,
            rows: table.rows,
            rowRejects: table.rowRejects,
            cellRejects: table.cellRejects,
            columns: table.columns.map(({ name, type, original }) => ({ name, type, original })),
          })),
        )
        output.result({ bytes: read.reduce((sum, one) => sum + (one.file.size ?? 0), 0), tables: report }, () =>
          [
            tableText(
              ["file", "table", "rows", "columns", "row rejects", "cell rejects"],
              report.map((one) => [one.path, one.table, one.rows, one.columns.length, one.rowRejects, one.cellRejects]),
            ),
            `${bytesText(read.reduce((sum, one) => sum + (one.file.size ?? 0), 0))} read`,
            ...(rejected > 0 && rejectsFile === undefined
              ? ["`--rejects FILE` keeps what could not be taken, with its raw text"]
              : []),
          ].join("\n"),
        )
        return 0
      }),
    )
  })
