/**
 * Types a table: a hypothesis from the sample, one pass that casts, proves and keeps what does not fit, a verdict. The pass is repeated only
 * for what it proved wrong, so a file is read once when the sample was honest.
 */
import {
  columnNames,
  type ColumnType,
  EngineError,
  type PlainValues,
  type ReadError,
  terminal,
  type Typing,
} from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { join } from "node:path"
import type { Connection, Database, QueryRow } from "../database/database.ts"
import { identifier, literal } from "../database/sql.ts"
import { type Evidence, merge, noEvidence, observe } from "../typing/evidence.ts"
import { compression } from "../parquet/compression.ts"
import { geoOption } from "../parquet/geo.ts"
import { atLeast, pinned } from "../typing/asked.ts"
import { bestShare, type Deciding, hypothesis } from "../typing/hypothesis.ts"
import { type Rule, sameReading } from "../typing/rule.ts"
import { type Outcome, verdict } from "../typing/verdict.ts"
import { spreadsheetDamage } from "../typing/spreadsheet-damage.ts"
import { keepsRejects, REJECTS, typingQuery } from "../typing/typing-sql.ts"
import { type PlainColumns, plainColumns, plainForm } from "./plain-columns.ts"
import { withTriedColumns } from "./tried-columns.ts"
import type { Untyped } from "./untyped.ts"

/** A typed Parquet file and what was decided for it. */
export interface Proven {
  readonly path: string
  readonly names: ReadonlyArray<string>
  readonly rules: ReadonlyArray<Rule>
  readonly rows: number
  readonly nulls: ReadonlyArray<number>
  readonly cellRejects: number
  /** Whether the last column of the file is {@link REJECTS}. */
  readonly keepsRejects: boolean
  /** What a person should know of the values, and the units that were taken off, by the file's name of the column. */
  readonly warnings: ReadonlyArray<string>
  readonly units: Readonly<Record<string, ReadonlyArray<string>>>
  /** How often the engine read the table. */
  readonly passes: number
}

/** A column on its way to a type. */
interface Proving {
  readonly name: string
  readonly rule: Rule
  readonly seen: Evidence
  /** No verdict may change it: given by the format, or decided after all. */
  readonly settled: boolean
  /** The type asked for; only how it is spelled may still change. */
  readonly asked: ColumnType | undefined
  readonly deciding: Deciding
  readonly floor: ColumnType | undefined
}

/** A sample needs fewer values to fit than the file: the pass decides. */
const SAMPLE_SHARE = 0.99
/** Below this share the sample is taken at its word that a column is text. */
const NEAR_MISS = 0.9
/** More passes than this, and what still changes is text. */
const MOST_PASSES = 6
const MOST_MISFITS = 200_000
const LATE_VALUES = 20_000

const ROW_GROUP_ROWS = 122_880
const ROW_GROUP_CELLS = 2_000_000
const ROW_GROUP_BYTES = 64 * 1024 * 1024
/** Of a table of a thousand columns, groups of 2,048 rows took all memory there is, as the engine begins many at once. */
const WIDE_ROWS = 8192

/** Rows of a Parquet row group: a multiple of the engine's vector, fewer for wide tables and long cells, as two are in memory at once. */
const rowGroupRows = (columns: number, rowBytes: number): number => {
  const byCells = Math.max(WIDE_ROWS, ROW_GROUP_CELLS / Math.max(columns, 1))
  const rows = Math.min(ROW_GROUP_ROWS, byCells, ROW_GROUP_BYTES / Math.max(rowBytes, 1))
  return Math.max(2048, Math.floor(rows / 2048) * 2048)
}

const namesDate = (name: string): boolean => /(?:^|_)(?:date|dt|jour|day)(?:_|s?$)|date/.test(name)

const evidenceOf = (values: ReadonlyArray<unknown>): Evidence => {
  const evidence = noEvidence()
  for (const value of values) {
    if (typeof value === "string") observe(evidence, value)
    else if (value instanceof Uint8Array) {
      evidence.values++
      evidence.length += value.length
    }
  }
  return evidence
}

const start = (untyped: Untyped, typing: Typing, names: ReadonlyArray<string>): ReadonlyArray<Proving> =>
  untyped.columns.map((column, index): Proving => {
    const name = names[index] ?? ""
    const seen = evidenceOf(
      column.type === undefined || column.type === "blob" || !untyped.native(column)
        ? (untyped.sample.columns[index] ?? [])
        : [],
    )
    const deciding: Deciding = { share: SAMPLE_SHARE, needed: typing.tolerance, dateNamed: namesDate(name) }
    // The file's name means this column unless it is our name of another: headers repeat.
    const told = (type: Typing["pinned"]): ColumnType | undefined =>
      type(untyped.table, name) ?? (names.includes(column.name) ? undefined : type(untyped.table, column.name))
    const asked = told(typing.pinned)
    const floor = told(typing.atLeast)
    const proving = (rule: Rule, settled: boolean): Proving => ({
      name,
      rule: atLeast(rule, floor),
      seen,
      settled,
      asked: undefined,
      deciding,
      floor,
    })
    if (asked !== undefined) return { ...proving(pinned(asked, seen), true), rule: pinned(asked, seen), asked }
    if (column.type !== undefined)
      return proving(
        { kind: "given", type: column.type, native: untyped.native(column), why: "the file says so" },
        true,
      )
    return typing.types === "text"
      ? proving({ kind: "text", type: "text", why: "types are off" }, true)
      : proving(hypothesis(seen, deciding), false)
  })

interface Pass {
  readonly path: string
  readonly rows: number
  readonly nulls: ReadonlyArray<number>
  readonly cellRejects: number
  readonly keepsRejects: boolean
}

const statistics = (row: QueryRow): Readonly<Record<string, Readonly<Record<string, string>> | undefined>> =>
  JSON.parse(String(row["column_statistics"])) as Readonly<Record<string, Readonly<Record<string, string>>>>

const passOf = (path: string, row: QueryRow, names: ReadonlyArray<string>): Omit<Pass, "keepsRejects"> => {
  const stats = statistics(row)
  const count = (key: string, what: string): number => Number(stats[key]?.[what] ?? 0)
  const misfit = `${identifier(REJECTS)}."element"."v"`
  return {
    path,
    rows: Number(row["count"]),
    nulls: names.map((name) => count(identifier(name), "null_count")),
    cellRejects: count(misfit, "num_values") - count(misfit, "null_count"),
  }
}

const copy = (
  untyped: Untyped,
  proving: ReadonlyArray<Proving>,
  path: string,
  plain: PlainColumns | undefined,
): Effect.Effect<Pass, EngineError | ReadError> => {
  const columns = proving.map((column, index) => ({ ...column, plain: plain?.columns[index] }))
  const textual = untyped.columns.map(
    (column, index) => untyped.native(column) && column.type !== undefined && !isNative(columns[index]?.rule),
  )
  const rowBytes = columns.reduce((sum, { seen }) => sum + (seen.values === 0 ? 0 : seen.length / seen.values), 0)
  const options = [
    "format parquet",
    ...compression,
    `row_group_size ${rowGroupRows(columns.length, rowBytes)}`,
    "return_stats",
    ...geoOption([
      {
        facts: untyped.facts,
        columns: columns.map(({ name, rule }, index) => ({
          name,
          original: untyped.columns[index]?.name ?? name,
          type: rule.type,
        })),
      },
    ]),
  ]
  return untyped.withQuery(
    (connection, source) =>
      Effect.map(
        connection.one(
          `copy (${typingQuery({ source, columns, textual, hidden: untyped.hidden })}) to ${literal(path)} (${options.join(", ")})`,
          `type the table ${JSON.stringify(untyped.table)}`,
        ),
        (row) => ({
          ...passOf(
            path,
            row,
            columns.map(({ name }) => name),
          ),
          keepsRejects: keepsRejects(columns),
        }),
      ),
    plain?.reading,
  )
}

/** A whole number of more digits may be too large for its type: a cast tells. */
const SURE_DIGITS = 18

/** What a look at every value changes of a rule, so that no pass is lost on it: a code, more digits or decimals than the sample had. */
const corrected = (column: Proving, found: PlainValues["columns"][number]): Proving => {
  if (column.settled || column.rule.kind !== "number") return column
  const { digits, examples, others, scale } = found
  const widest = `${"9".repeat(digits)}${scale === 0 ? "" : column.rule.mark}${"9".repeat(scale)}`
  const late = evidenceOf(others === 0 && digits <= SURE_DIGITS ? [widest] : examples)
  if (others > 0 && late.code === undefined) return column
  const seen = merge(column.seen, late)
  return { ...column, seen, rule: atLeast(hypothesis(seen, column.deciding), column.floor) }
}

/** Looks at every value before the engine does, where the format can and a large part of the file was not seen. */
const lookAtValues = Effect.fnUntraced(function* (untyped: Untyped, columns: ReadonlyArray<Proving>) {
  const forms = columns.map(({ rule }) => plainForm(rule))
  if (untyped.plain === undefined || untyped.sample.whole || forms.every((form) => form === undefined)) return undefined
  const values = yield* untyped.plain(forms)
  if (values.unfit !== undefined)
    return yield* new EngineError({
      plugin: "duckdb",
      operation: "relation",
      message: `the table ${JSON.stringify(untyped.table)} is not read so: ${values.unfit}`,
      reason: terminal,
    })
  const found = values.columns
  const known =
    values.ragged > 0
      ? columns
      : columns.map((column, index) =>
          forms[index] === undefined || found[index] === undefined ? column : corrected(column, found[index]),
        )
  return { forms, values, columns: known }
})

const isNative = (rule: Rule | undefined): boolean => rule?.kind === "given" && rule.native

/** The misfits of a pass, by column: how many, and evidence of the first of them. */
const misfitsOf = Effect.fnUntraced(function* (database: Database, connection: Connection, pass: Pass) {
  const found = new Map<number, { misses: number; evidence: Evidence }>()
  if (pass.cellRejects === 0) return found
  const each = `select r.c as c, r.v as v from (select unnest(${REJECTS}) as r from read_parquet(${literal(pass.path)}) where ${REJECTS} is not null)`
  const counts = yield* connection.all(
    `select c, count(*) as n from (${each}) group by c`,
    "count the values that do not fit",
  )
  for (const row of counts) found.set(Number(row["c"]), { misses: Number(row["n"]), evidence: noEvidence() })
  yield* Stream.runForEach(
    database.batches(`${each} limit ${MOST_MISFITS}`, "read the values that do not fit"),
    (batch) =>
      Effect.sync(() => {
        for (let i = 0; i < batch.size; i++) {
          const evidence = found.get(Number(batch.columns[0]?.[i]))?.evidence
          if (evidence !== undefined) observe(evidence, String(batch.columns[1]?.[i]))
        }
      }),
  )
  return found
})

const judge = (
  column: Proving,
  rows: number,
  nulls: number,
  found: { readonly misses: number; readonly evidence: Evidence } | undefined,
): Proving => {
  if (found === undefined || (column.settled && column.asked === undefined)) return column
  const seen = merge(column.seen, found.evidence)
  if (column.asked !== undefined) return { ...column, seen, rule: pinned(column.asked, seen) }
  const outcome: Outcome = { fits: rows - nulls, misses: found.misses, misfits: found.evidence, seen }
  return { ...column, seen, rule: atLeast(verdict(column.rule, outcome, column.deciding), column.floor) }
}

/** A column the sample knew too little of: its values as the pass kept them, for a second hypothesis. */
const lateHypothesis = Effect.fnUntraced(function* (
  connection: Connection,
  column: Proving,
  pass: Pass,
  nulls: number,
) {
  const doubtful =
    column.rule.kind === "text" &&
    column.seen.code === undefined &&
    (column.seen.values === 0 || bestShare(column.seen, column.deciding) >= NEAR_MISS)
  if (column.settled || !doubtful || nulls === pass.rows) return column
  const name = identifier(column.name)
  const values = yield* connection.all(
    `select ${name} as v from read_parquet(${literal(pass.path)}) where ${name} <> '' limit ${LATE_VALUES}`,
    `look at the values of ${JSON.stringify(column.name)}`,
  )
  const seen = merge(column.seen, evidenceOf(values.map((row) => row["v"])))
  return { ...column, seen, rule: atLeast(hypothesis(seen, column.deciding), column.floor) }
})

const changed = (before: Proving, after: Proving): boolean => !sameReading(before.rule, after.rule)

const unitsOf = (columns: Untyped["columns"], rules: ReadonlyArray<Rule>): Proven["units"] =>
  Object.fromEntries(
    rules.flatMap((rule, index) =>
      rule.kind === "number" && rule.unit !== undefined ? [[columns[index]?.name ?? "", [rule.unit]] as const] : [],
    ),
  )

/** Runs the passes. Files are written into `folder`; the last one stays. */
export const prove = Effect.fnUntraced(function* (
  untyped: Untyped,
  typing: Typing,
  database: Database,
  folder: string,
): Effect.fn.Return<Proven, EngineError | ReadError> {
  const names = columnNames(untyped.columns.map(({ name }) => name))
  return yield* Effect.scoped(
    Effect.gen(function* () {
      const connection = yield* database.connect
      let columns = start(untyped, typing, names)
      let looked = yield* lookAtValues(untyped, columns)
      columns = looked?.columns ?? columns
      const readOnce = Effect.fnUntraced(function* (number: number) {
        const path = join(folder, `pass-${number}.parquet`)
        const rules = columns.map(({ rule }) => rule)
        const plain =
          looked === undefined
            ? undefined
            : yield* withTriedColumns(
                plainColumns(rules, looked.forms, looked.values),
                rules,
                looked.values,
                connection,
              )
        const pass = yield* copy(untyped, columns, path, plain)
        if (looked === undefined || looked.values.rows === pass.rows) return pass
        // The two looks at the file do not agree on its records, so one proves nothing for the other.
        looked = undefined
        return yield* copy(untyped, columns, path, undefined)
      })
      for (let number = 1; ; number++) {
        const pass = yield* readOnce(number)
        const found = yield* misfitsOf(database, connection, pass)
        let next = columns.map((column, index) => judge(column, pass.rows, pass.nulls[index] ?? 0, found.get(index)))
        if (number === 1 && !untyped.sample.whole) {
          const before = columns
          // A column that this pass read as something else and that is text from now on is in its file as that something else.
          next = yield* Effect.forEach(next, (column, index) =>
            before[index]?.rule.kind === "text"
              ? lateHypothesis(connection, column, pass, pass.nulls[index] ?? 0)
              : Effect.succeed(column),
          )
        }
        const previous = columns
        if (number > MOST_PASSES || !next.some((column, index) => changed(previous[index] ?? column, column))) {
          const rules = next.map(({ rule }) => rule)
          const warnings = next.flatMap(({ name, rule, seen, deciding }) =>
            spreadsheetDamage(name, rule, seen, deciding.dateNamed),
          )
          return { ...pass, names, rules, warnings, units: unitsOf(untyped.columns, rules), passes: number }
        }
        columns =
          number < MOST_PASSES
            ? next
            : next.map((column, index): Proving =>
                column.asked === undefined && changed(previous[index] ?? column, column)
                  ? {
                      ...column,
                      settled: true,
                      rule: { kind: "text", type: "text", why: "no type held for the whole file" },
                    }
                  : column,
              )
      }
    }),
  )
})
