/**
 * The fast way: one query that the engine runs over the file, with everything told and nothing guessed. Measured against the tolerant
 * reader, DuckDB 1.5 in strict mode gives the same rows, or an error, or a reject, except where this declines beforehand.
 */
import type { PlainReading, RawFile, ReadError, Relation } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { singleByteOf, toUtf8 } from "./encoding/decoding.ts"
import { sourceOffsets } from "./encoding/source-offsets.ts"
import { factsOf } from "./facts.ts"
import type { Options } from "./options.ts"
import { hasGaps, whatIsBeside } from "./beside-records.ts"
import { mendedRelation } from "./mend/mended-relation.ts"
import { open, type Opened } from "./read.ts"
import {
  endsInAscii,
  KEPT,
  LAST_SCAN,
  literal,
  LONGEST_LINE,
  lookAt,
  MOST_REJECTS,
  NO_DELIMITER,
  readCsv,
} from "./read-csv.ts"
import { TABLE } from "./records/table-builder.ts"

const regexLiteral = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&")

/**
 * What stands above the records, the first line end after it included. The engine loses every record without a word where that holds quotes
 * that do not enclose a whole cell, or ends its lines in another way than the records.
 */
const oddAbove = ({ surveyed, layout }: Opened): boolean => {
  const { quote, delimiter } = layout.dialect
  const end = /\r\n|\n|\r/g
  end.lastIndex = layout.start
  end.exec(surveyed.head)
  const above = surveyed.head.slice(0, layout.start)
  const ends = surveyed.head.slice(0, end.lastIndex || undefined).match(/\r\n|\n|\r/g)
  if (new Set(ends).size > 1) return true
  if (quote === undefined || !above.includes(quote)) return false
  const edge = `${regexLiteral(delimiter ?? NO_DELIMITER)}|[\\r\\n]`
  return above
    .replaceAll(
      new RegExp(`(?<=^\ufeff?|${edge})${quote}(?:[^${quote}]|${quote}${quote})*${quote}(?=$|${edge})`, "g"),
      "",
    )
    .includes(quote)
}

/** Why the strict reader is not to be trusted with this file. */
export const whyNotStrict = (opened: Opened): string | undefined => {
  const { surveyed, layout } = opened
  const { holds, encoding } = surveyed
  const { dialect, columns, titles, headerLines } = layout
  const width = columns.length
  if (encoding.name.startsWith("utf-16")) return "UTF-16"
  if (holds.nul) return "NUL bytes: a surplus cell that starts with one is dropped without a reject"
  if (dialect.escape === "backslash") return "quotes after backslashes"
  if (dialect.initialSpace === true) return "spaces after delimiters"
  if (dialect.comment !== undefined) return "lines of comments"
  if (dialect.quote !== undefined && titles.some((line) => line.includes(dialect.quote ?? "")))
    return "quotes above the header"
  if (headerLines.length > 1 || layout.units !== undefined) return "a header in several rows"
  if (layout.start > 0 && oddAbove(opened)) return "odd quotes or line ends above the records"
  if (width === 1 && holds.emptyLines) return "empty lines in a file of one column"
  if (surveyed.longestLine > LONGEST_LINE) return `a line of ${surveyed.longestLine} characters`
  const beside = whatIsBeside(surveyed, layout)
  if (beside !== undefined) return beside
  if (dialect.quote === undefined) return undefined
  // The survey looks for one quote, before the dialect is known.
  if (surveyed.quoted?.quote !== dialect.quote) return `${dialect.quote} as quote`
  if (!holds.quotes) return undefined
  const delimiter = dialect.delimiter ?? NO_DELIMITER
  const { lines } = surveyed.quoted
  if (!lines.strict(delimiter)) return "quotes inside unquoted cells, or blanks around them"
  if (lines.most(delimiter) >= width - 1)
    return "lines inside quotes that look like records, which a parallel reader takes for some"
  return undefined
}

/**
 * What the tolerant reader takes for no row: the names of the columns once more, and, below an empty line, those of another table, which
 * have no number but years where this one has some. The engine only has to see that there may be such.
 */
const withoutNames = ({ surveyed, layout }: Opened, reading: PlainReading | undefined): string => {
  const { columns, headerLines, kinds = [] } = layout
  const isText = (index: number) => (reading?.types[index] ?? "VARCHAR") === "VARCHAR"
  const names = columns
    .flatMap((name, index) => (name !== "" && isText(index) ? [`r${index} = ${literal(name)}`] : []))
    .slice(0, 2)
  const values = kinds.flatMap((kind, index) =>
    (kind === "number" || kind === "date") && isText(index)
      ? [`not regexp_matches(r${index}, '^.?[0-9]') or r${index} ~ '(19|20)..'`]
      : [],
  )
  const said = [
    ...(headerLines.length > 0 && names.length > 1 ? [names.join(" and ")] : []),
    ...(hasGaps(surveyed, layout) && values.length > 0 ? [`(${values.slice(0, 2).join(") and (")})`] : []),
  ]
  return said.length === 0
    ? ""
    : ` where case when ${said.join(" or ")} then error('names among the records') else true end`
}

/**
 * `reject_errors.line` counts records, empty lines, the header and skipped lines. A record left out whose text has quotes may be one that
 * the tolerant reader keeps (a line quoted as a whole), and so may one that is short of unnamed columns: such codes are not kept.
 */
const rejectsSql = ({ surveyed, layout }: Opened): string => {
  const { dialect, titles, headerLines } = layout
  const before = titles.length + Math.min(headerLines.length, 1)
  const delimiter = regexLiteral(dialect.delimiter ?? NO_DELIMITER)
  const quotes = dialect.quote === undefined ? "false" : `contains(csv_line, ${literal(dialect.quote)})`
  const isPlaced = surveyed.encoding.damagedBytes === 0
  const bytesOf = surveyed.encoding.name === "utf-8" ? "strlen" : "length"
  const code = `case
    when error_type::varchar not in ('MISSING COLUMNS', 'TOO MANY COLUMNS') then 'unreadable: ' || lower(error_type::varchar)
    when ${surveyed.holds.emptyLines} then 'unreadable: rejects among empty lines'
    when ${quotes} then 'unreadable: quotes'
    when error_type::varchar = 'TOO MANY COLUMNS' and regexp_matches(csv_line, ${literal(`(^|[${delimiter}])\\s*([${delimiter}]|$)`)}) then 'unreadable: a blank cell may be too many'
    when several then 'unreadable: many in a row, as where another table begins'
    when error_type::varchar = 'TOO MANY COLUMNS' then 'too-many-columns'
    when ${layout.shortest < layout.columns.length} then 'unreadable: short of the last columns'
    else 'missing-columns' end`
  // Of a line end of two bytes, the second is taken for the start of the next line.
  const raw = `trim(any_value(csv_line), e'\\r\\n')`
  const leading = `strlen(any_value(csv_line)) - strlen(ltrim(any_value(csv_line), e'\\r\\n'))`
  // One error for each cell that is missing or too much, each with the cells up to it.
  const cells = `case when max(code) = 'missing-columns' then min(found) else max(found) end`
  return `select line - ${before} as row, max(code) as code, ${raw} as raw, ${cells} || ' cells instead of ${layout.columns.length}' as message,
    ${surveyed.holds.quotes ? "null" : "line"} as line, ${isPlaced ? `min(line_byte_position) - 1 + ${leading}` : "null"} as byte,
    ${isPlaced ? `${bytesOf}(${raw})` : "null"} as byte_length
    from (select *, ${code} as code, try_cast(regexp_extract(error_message, 'Found: (\\d+)', 1) as bigint) as found from reject_errors
      join (select line, coalesce(lead(line, 3) over (order by line) = line + 3, false) as several from (select distinct line from reject_errors where ${LAST_SCAN})) using (line)
      where ${LAST_SCAN}) group by line order by line`
}

/** What a look at the bytes says of {@link rejectsSql} before the engine has read them all for nothing. */
const whyUnfit =
  ({ surveyed, layout }: Opened) =>
  (ragged: number, mixed: boolean): string | undefined => {
    if (mixed) return "line ends of several kinds"
    const { emptyLines, quotes } = surveyed.holds
    const doubtful = emptyLines || quotes || layout.shortest < layout.columns.length || ragged > MOST_REJECTS
    return ragged > 0 && doubtful ? "records of another width that need the tolerant reader" : undefined
  }

const strictRelation = (file: RawFile, opened: Opened, options: Options): Relation => {
  const { surveyed, layout } = opened
  const { encoding } = surveyed
  const clean = encoding.name === "utf-8" && encoding.damagedBytes === 0
  const oneByte = singleByteOf(encoding.name)
  const bytes = file.bytes({ start: 0, transient: true })
  const told = {
    dialect: layout.dialect,
    width: layout.columns.length,
    nullValues: options.nullValues ?? [],
    header: layout.headerLines.length > 0,
    skip: layout.titles.length,
    longest: surveyed.longestLine * 4,
  }
  return {
    table: TABLE,
    columns: layout.columns.map((name) => ({ name })),
    input: clean ? file : toUtf8(bytes, encoding.name),
    sql: (path, reading) => `select * from ${readCsv(path, told, reading)}${withoutNames(opened, reading)}`,
    ...(endsInAscii(layout.dialect) ? { plain: lookAt(bytes, encoding.name, told, whyUnfit(opened)) } : {}),
    rejects: {
      sql: () => rejectsSql(opened),
      keeps: KEPT,
      ...(oneByte === undefined ? {} : { located: (offsets) => sourceOffsets(bytes, oneByte, offsets) }),
    },
    facts: { ...factsOf(surveyed, layout), table: TABLE, reader: "strict" },
    otherwise: mendedRelation(file, opened, options, "the engine would not read it"),
  }
}

/** The relation of a file: strict where that is right, else over the file without its odd records; `undefined`: only `read` will do. */
export const relations = Effect.fn("FormatCsv.relations")(function* (
  file: RawFile,
  options: Options,
): Effect.fn.Return<ReadonlyArray<Relation> | undefined, ReadError, Scope.Scope> {
  const opened = yield* open(file, options)
  const why = whyNotStrict(opened)
  return why === undefined ? [strictRelation(file, opened, options)] : yield* mendedRelation(file, opened, options, why)
})
