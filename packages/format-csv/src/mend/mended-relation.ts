/**
 * The fast way for files with odd records: written anew without them, once, so that the engine reads what is left as it reads any other file. What
 * was rejected is known before it begins.
 */
import type { RawFile, ReadError, Relation } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { factsOf } from "../facts.ts"
import type { Options } from "../options.ts"
import type { Opened } from "../read.ts"
import { endsInAscii, KEPT, literal, LONGEST_LINE, lookAt, NO_DELIMITER, readCsv } from "../read-csv.ts"
import { TABLE } from "../records/table-builder.ts"
import { escapes, type LineDialect } from "./line-builder.ts"
import { mender } from "./mender.ts"
import { rejectsSql } from "./rejects-file.ts"
import { spool } from "./spool.ts"

/** How the lines are written; `undefined` for files whose lines end otherwise, or whose bytes do not show where. */
const lineDialectOf = ({ surveyed, layout }: Opened, options: Options): LineDialect | undefined => {
  const { delimiter = NO_DELIMITER, quote } = layout.dialect
  const { encoding, head, longestLine } = surveyed
  // Of damaged names nobody knows the bytes.
  const isDamaged = encoding.damagedBytes > 0
  if (encoding.name.startsWith("utf-16") || isDamaged || longestLine > LONGEST_LINE || !endsInAscii(layout.dialect))
    return undefined
  const [lineEnd] = /\r\n?|\n/.exec(head.slice(layout.start)) ?? []
  if (lineEnd === "\r" || lineEnd === undefined) return undefined
  const escape = ["\u0002", "\u0003"].find((character) => character !== delimiter) ?? ""
  const nothing = layout.columns.length > 1 ? "" : quote === undefined ? (options.nullValues?.[0] ?? "") : quote + quote
  return { delimiter, quote, lineEnd: lineEnd === "\n" ? "\n" : "\r\n", escape, nothing, numbered: false }
}

/** The lines and the rejects of a file, each in a file of its own; or why not: see {@link mender}. */
const mended = Effect.fnUntraced(function* (file: RawFile, opened: Opened, options: Options, lines: LineDialect) {
  const [kept, rejects] = [yield* spool(file.name), yield* spool(file.name)]
  const mending = mender(file.name, opened, options, lines)
  let outcome: "unnumbered" | "unfit" | undefined
  const take = (chunk: Uint8Array, final: boolean) =>
    Effect.suspend(() => {
      const mended = mending.mend(chunk, final)
      if (typeof mended !== "string")
        return Effect.as(Effect.andThen(kept.write(mended), rejects.write(mending.takeRejects())), true)
      outcome = mended
      return Effect.succeed(false)
    })
  yield* Stream.runForEachWhile(file.bytes({ start: 0, transient: true }), (chunk) => take(chunk, false))
  if (outcome === undefined) yield* take(new Uint8Array(0), true)
  return outcome ?? { lines, kept: kept.file, rejects: rejects.file, mending }
})

/** A column of the lines, the characters that it was written without back in their places. */
const restored = (lines: LineDialect, column: string): string => {
  const replaced = escapes(lines).reduce(
    (sql, [character, letter]) => `replace(${sql}, ${literal(lines.escape + letter)}, ${literal(character)})`,
    column,
  )
  return `case when contains(${column}, ${literal(lines.escape)}) then ${replaced} else ${column} end`
}

/** The relation of the file without its odd records, or `undefined` when only `read` will do. `why` it is not read as it is. */
export const mendedRelation = Effect.fn("FormatCsv.mended")(function* (
  file: RawFile,
  opened: Opened,
  options: Options,
  why: string,
): Effect.fn.Return<ReadonlyArray<Relation> | undefined, ReadError, Scope.Scope> {
  const { surveyed, layout } = opened
  const dialect = lineDialectOf(opened, options)
  if (dialect === undefined) return undefined
  const first = yield* mended(file, opened, options, dialect)
  const done = first === "unnumbered" ? yield* mended(file, opened, options, { ...dialect, numbered: true }) : first
  if (typeof done === "string") return undefined
  const { kept, lines, mending, rejects } = done
  const { numbered } = lines
  const told = {
    dialect: layout.dialect,
    width: layout.columns.length,
    nullValues: options.nullValues ?? [],
    header: false,
    skip: 0,
    numbered,
    // Bytes may become three, and quotes two.
    longest: Math.max(3 * surveyed.longestLine, mending.longest()) + 64,
  }
  const columns = layout.columns.map((_, column) =>
    mending.escaped.has(column) ? restored(lines, `r${column}`) : `r${column}`,
  )
  return [
    {
      table: TABLE,
      columns: layout.columns.map((name) => ({ name })),
      input: kept,
      numbered,
      sql: (path, reading) =>
        `select ${[...columns, ...(numbered ? ["n"] : [])].join(", ")} from ${readCsv(path, told, reading)}`,
      plain: lookAt(kept.bytes(), "utf-8", told),
      rejects: { sql: rejectsSql, input: rejects, keeps: KEPT },
      facts: { ...factsOf(surveyed, layout), reader: "tolerant", notStrict: why, ...mending.facts() },
    },
  ]
})
