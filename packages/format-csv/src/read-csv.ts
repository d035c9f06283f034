/** What the engine is told of a CSV file: everything, so that it guesses nothing. */
import type { PlainForm, PlainReading, PlainValues, ReadError, RejectCode } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Dialect } from "./dialect/dialect.ts"
import { decodePart } from "./encoding/decoding.ts"
import type { EncodingName } from "./encoding/encoding-name.ts"
import { plainValues } from "./plain/plain-values.ts"

/** DuckDB's own limit is 2,000,000 bytes a line; the buffer must be larger than a line. */
const LINE = 2_000_000
const BUFFER = 4_000_000

/** Bytes of a line from which on only `read` reads. */
export const LONGEST_LINE = 32_000_000

/** What a record may be left out for. */
export const KEPT: ReadonlyArray<RejectCode> = ["missing-columns", "too-many-columns"]

/** After more rejects than these the engine does not number the rows by their place, so that lines carry numbers: see `mend/`. */
export const MOST_REJECTS = 4000

/** A delimiter for files that have none. */
export const NO_DELIMITER = "\u0001"

export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`

/** The scan that the engine made last: what it left out is in `reject_errors`. */
export const LAST_SCAN = "scan_id = (select max(scan_id) from reject_scans)"

const dateFormats = {
  "day-first": ["dateformat='%d/%m/%Y'"],
  "month-first": ["dateformat='%m/%d/%Y'"],
  iso: [],
} as const

/** How a file is read. `skip`: lines above the header, or above the records where there is none; `longest`: bytes of a line. */
export interface Told {
  readonly dialect: Dialect
  readonly width: number
  readonly nullValues: ReadonlyArray<string>
  readonly header: boolean
  readonly skip: number
  readonly longest: number
  /** Whether the number of the record stands before its cells. */
  readonly numbered?: boolean
}

/** The columns as `r0`, `r1`, …: text, or what `reading` says; before them, the record's number as `n`. */
export const readCsv = (
  path: string,
  { dialect, header, longest, nullValues, numbered = false, skip, width }: Told,
  reading?: PlainReading,
): string => {
  const quote = literal(dialect.quote ?? "")
  const line = Math.max(LINE, longest)
  const columns = Array.from({ length: width }, (_, index) => `'r${index}': '${reading?.types[index] ?? "VARCHAR"}'`)
  return `read_csv(${[
    path,
    "auto_detect=false",
    `delim=${literal(dialect.delimiter ?? NO_DELIMITER)}`,
    `quote=${quote}`,
    `escape=${quote}`,
    "comment=''",
    `nullstr=[${["", ...nullValues].map(literal).join(", ")}]`,
    `header=${header}`,
    `skip=${skip}`,
    "strict_mode=true",
    "store_rejects=true",
    "rejects_limit=0",
    `max_line_size=${line}`,
    `buffer_size=${Math.max(BUFFER, line * 2)}`,
    ...(reading === undefined ? [] : [`decimal_separator='${reading.mark}'`, ...dateFormats[reading.order]]),
    `columns={${[...(numbered ? ["'n': 'BIGINT'"] : []), ...columns].join(", ")}}`,
  ].join(", ")})`
}

const isAscii = (character: string | undefined): boolean => character === undefined || character < "\u0080"

/** Whether bytes show where cells end: only ASCII is the same in every encoding. */
export const endsInAscii = ({ delimiter, quote }: Dialect): boolean => isAscii(delimiter) && isAscii(quote)

/** A look at every value of the bytes. `unfit`: why the engine refuses a file with so many ragged records, or with line ends of several kinds. */
export const lookAt =
  (
    bytes: Stream.Stream<Uint8Array, ReadError>,
    encoding: EncodingName,
    told: Told,
    unfit: (ragged: number, mixed: boolean) => string | undefined = () => undefined,
  ) =>
  (forms: ReadonlyArray<PlainForm | undefined>): Effect.Effect<PlainValues, ReadError> =>
    Effect.suspend(() => {
      const { delimiter = NO_DELIMITER, quote } = told.dialect
      const skip = told.skip + Number(told.header)
      const before = told.numbered === true ? [undefined] : []
      const values = plainValues([...before, ...forms], { delimiter, quote, skip }, (text) =>
        decodePart(text, encoding),
      )
      return Effect.map(
        Stream.runForEach(bytes, (chunk) => Effect.sync(() => values.add(chunk))),
        () => {
          const found = values.end()
          const columns = found.columns.slice(before.length)
          return { ...found, columns, unfit: unfit(found.ragged, values.isMixed()) }
        },
      )
    })
