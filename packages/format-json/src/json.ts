/** The JSON format: options, then where the records are, then the records. */
import { defineFormat, FormatError, misconfigured, type RawFile, type Reason } from "@opendatahub-sql/core"
import {
  encodingOf,
  type Encoding,
  jsonError,
  looksLikeLines,
  readText,
  textBytes,
  toUtf8,
} from "@opendatahub-sql/core/json"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { detects } from "./detect.ts"
import { type Layout, layoutOf, recordPaths } from "./layout/layout.ts"
import { Reader } from "./reader.ts"
import { Surveyor } from "./layout/survey.ts"

/** Enough to tell one value a line from a value that spans lines. */
const HEAD_BYTES = 1_048_576

const Options = Schema.Struct({
  /** Where the records are, as keys joined by dots (`marches.marche`), when the file's own shape does not tell. */
  records: Schema.optionalKey(Schema.NonEmptyString),
  /** Levels of objects and lists below a record that become columns and tables; deeper ones become JSON text. All of them by default. */
  nesting: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))),
})

const fail = (file: RawFile, encoding: Encoding, cause: unknown): FormatError =>
  jsonError("json", file, encoding, cause)

const surveyLayout = Effect.fnUntraced(function* (file: RawFile, encoding: Encoding, records: string | undefined) {
  const attempt = <A>(run: () => A) => Effect.try({ try: run, catch: (cause) => fail(file, encoding, cause) })
  const surveyor = new Surveyor(encoding.mark)
  yield* Stream.runForEachWhile(textBytes(file, encoding), (chunk) =>
    attempt(() => {
      surveyor.push(chunk)
      return !surveyor.done
    }),
  )
  const survey = yield* attempt(() => surveyor.end())
  const layout = layoutOf(survey, records)
  if (layout !== undefined) return layout
  const there = recordPaths(survey).slice(0, 5).join(", ")
  return yield* new FormatError({
    plugin: "json",
    operation: "read",
    reason: misconfigured satisfies Reason,
    message: `${file.name}: nothing at "${String(records)}"${there === "" ? "" : `; lists of records: ${there}`}; correct or remove the option "records"`,
  })
})

const findLayout = Effect.fnUntraced(function* (file: RawFile, records: string | undefined) {
  const parts = yield* Stream.runCollect(file.bytes({ start: 0, end: HEAD_BYTES }))
  const bytes = Buffer.concat(parts)
  const encoding = encodingOf(bytes)
  const head = toUtf8(encoding)(bytes)
  const layout: Layout =
    records === undefined && looksLikeLines(head, bytes.length < HEAD_BYTES)
      ? { shape: "lines" }
      : yield* surveyLayout(file, encoding, records)
  return { encoding, layout }
})

/**
 * JSON, NDJSON and JSON texts one after the other. Records are found by themselves; objects become columns `a.b`, lists child tables
 * `<parent>__a`; all cells are text, numbers exactly as written.
 * @example
 * formats: [json({ records: "marches.marche" })]
 */
export const json = defineFormat({
  id: "json",
  apiVersion: 1,
  // 2: two objects that share no key are no table keyed by ids.
  fingerprint: 2,
  config: Schema.toStandardSchemaV1(Options, { parseOptions: { errors: "all", onExcessProperty: "error" } }),
  detects,
  read: (file, { records, nesting }) =>
    Stream.unwrap(
      Effect.map(findLayout(file, records), ({ encoding, layout }) =>
        readText(
          file,
          encoding,
          () => new Reader(layout, nesting ?? Number.POSITIVE_INFINITY, encoding),
          (cause) => fail(file, encoding, cause),
        ),
      ),
    ),
})
