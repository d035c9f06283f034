/** What makes an extraction suspicious: it reads well, and yet is hardly what was there before. Pure. */
import type { LedgerEntry } from "../../contracts/sink.ts"

/** When a file is held back. Shares from 0 to 1; `false` turns a rule off. */
export interface QuarantineRules {
  /** So large a share of the rows is gone (0.9). A file without rows where there were some is held back by this rule too. */
  readonly rowLoss?: number | false
  /** More than this share of the columns of every earlier file is missing (0.7). */
  readonly columnLoss?: number | false
}

/** A table as an extraction has it; of one that was loaded before, `shapes` are the columns of its files so far. */
export interface SeenTable {
  readonly table: string
  readonly rows: number
  readonly columns: ReadonlyArray<string>
}

const count = (rows: number): string => rows.toLocaleString("en-US")

const short = (columns: ReadonlyArray<string>): string =>
  columns.length > 6 ? `${columns.slice(0, 6).join(", ")}, …` : columns.join(", ")

const lost = (shape: ReadonlyArray<string>, columns: ReadonlySet<string>): number =>
  shape.filter((column) => !columns.has(column)).length / shape.length

/**
 * Why a person should look at an extraction before it is loaded; nothing when all is well or nothing was loaded before.
 * @param before the load of the extraction before
 * @param shapes columns of the tables of earlier files, by table; a file need only look like one of them
 * @param now the root tables of the new file
 */
export const suspicions = (
  before: LedgerEntry | undefined,
  shapes: ReadonlyMap<string, ReadonlyArray<ReadonlyArray<string>>>,
  now: ReadonlyArray<SeenTable>,
  { rowLoss = 0.9, columnLoss = 0.7 }: QuarantineRules,
): ReadonlyArray<string> => {
  if (before === undefined) return []
  const rowsOf = new Map(before.tables.map(({ table, rows }) => [table, rows]))
  const fell = (what: string, was: number, is: number): ReadonlyArray<string> =>
    rowLoss === false || was === 0 || (is > 0 && was - is < was * rowLoss)
      ? []
      : [
          `${what} has ${is === 0 ? "no row" : is === 1 ? "1 row" : `${count(is)} rows`}, ${count(was)} in the extraction before`,
        ]
  const known = now.filter(({ table }) => rowsOf.has(table))
  const found = known.flatMap(({ table, rows, columns }) => {
    const names = new Set(columns)
    const shape = (shapes.get(table) ?? [])
      .filter(({ length }) => length > 0)
      .toSorted((a, b) => lost(a, names) - lost(b, names))[0]
    const isOther = columnLoss !== false && shape !== undefined && lost(shape, names) > columnLoss
    return [
      ...fell(`"${table}"`, rowsOf.get(table) ?? 0, rows),
      ...(isOther
        ? [
            `"${table}" has other columns: of the ${shape.length} before (${short(shape)}) it has ${shape.filter((one) => names.has(one)).length}, and now ${short(columns)}`,
          ]
        : []),
    ]
  })
  if (known.length > 0 || before.tables.every(({ rows }) => rows === 0)) return found
  return [
    now.length === 0
      ? "the file holds no table"
      : `none of its tables (${now.map(({ table }) => table).join(", ")}) was in the extraction before`,
  ]
}
