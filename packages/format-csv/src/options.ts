/** What a user may say about a CSV file; everything left out is found in the bytes. */
import * as Schema from "effect/Schema"
import { encodings } from "./encoding/encoding-name.ts"

const OneCharacter = Schema.String.check(Schema.isMinLength(1), Schema.isMaxLength(1))
const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))
const LineNumber = Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))

const CsvOptions = Schema.Struct({
  /** The encoding of the bytes. */
  encoding: Schema.optionalKey(Schema.Literals(encodings)),
  /** The character between cells. */
  delimiter: Schema.optionalKey(OneCharacter),
  /** The character around cells; `false`: quotes are plain text. */
  quote: Schema.optionalKey(Schema.Union([OneCharacter, Schema.Literal(false)])),
  /** The line of the header, from 1, or the lines of a header in several rows, joined by a space; `false`: there is none. */
  header: Schema.optionalKey(Schema.Union([LineNumber, Schema.NonEmptyArray(LineNumber), Schema.Literal(false)])),
  /** `false`: what stands below the last record (a source, a total, blank records) is rows and rejects like any other record. */
  footers: Schema.optionalKey(Schema.Boolean),
  /** Lines left out at the start of the file, before the header is looked for. */
  skip: Schema.optionalKey(Count),
  /** Words that mean "no value", besides the empty cell. */
  nullValues: Schema.optionalKey(Schema.Array(Schema.String)),
})

/** The options of `csv()`, decoded. */
export type Options = typeof CsvOptions.Type

/** The schema of the options: all errors at once, unknown keys refused. */
export const optionsSchema = Schema.toStandardSchemaV1(CsvOptions, {
  parseOptions: { errors: "all", onExcessProperty: "error" },
})
