/** What a user may say about a workbook; everything left out is found in the bytes. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

const RowNumber = Schema.Int.check(Schema.isGreaterThan(0))
const withDefault = <A>(schema: Schema.Codec<A>, value: A) =>
  schema.pipe(Schema.withDecodingDefaultKey(Effect.succeed(value)))

const isPattern = (pattern: string): boolean => {
  if (!pattern.startsWith("re:")) return pattern !== ""
  try {
    return new RegExp(pattern.slice(3), "iu") instanceof RegExp
  } catch {
    return false
  }
}

const Pattern = Schema.String.check(
  Schema.makeFilter(
    (pattern) => isPattern(pattern) || `"${pattern}" is neither a name, a glob nor a regular expression after "re:"`,
  ),
)

const ExcelOptions = Schema.Struct({
  /** The sheets to read: names, globs (`Tab*`), or regular expressions after `re:`. All visible ones by default. */
  sheets: Schema.optionalKey(Schema.Union([Pattern, Schema.NonEmptyArray(Pattern)])),
  /** The row of the header, from 1 as the sheet counts, or its rows when it has several; `false`: there is none. Found by default. */
  header: Schema.optionalKey(Schema.Union([RowNumber, Schema.NonEmptyArray(RowNumber), Schema.Literal(false)])),
  /** Hidden sheets too. */
  hidden: withDefault(Schema.Boolean, false),
  /** What the other rows of a merged cell hold: its value (`fill`), or nothing (`first`). */
  merged: withDefault(Schema.Literals(["fill", "first"]), "fill"),
  /** Bytes of the parts that are read, unpacked. */
  maxBytes: withDefault(RowNumber, 4_000_000_000),
  /** Unpacked over packed size of one part, looked at beyond 10 MB. */
  maxRatio: withDefault(RowNumber, 200),
})

/** The options of `excel()`, decoded. */
export type Options = typeof ExcelOptions.Type

/** The schema of the options: all errors at once, unknown keys refused. */
export const optionsSchema = Schema.toStandardSchemaV1(ExcelOptions, {
  parseOptions: { errors: "all", onExcessProperty: "error" },
})
