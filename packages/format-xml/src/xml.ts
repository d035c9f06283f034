/** The XML format: options, then what the document is made of, then its records. */
import {
  type ByteRange,
  dataQuality,
  defineFormat,
  FormatError,
  misconfigured,
  type RawFile,
  type ReadError,
  type TableEvent,
} from "@opendatahub-sql/core"
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { detects } from "./detect.ts"
import { type Layout, layoutOf, repeatedPaths } from "./layout.ts"
import { bytesOf, Decoder, type Encoding, encodingOf } from "./markup/encoding.ts"
import { XmlProblem } from "./markup/problem.ts"
import { Tokenizer } from "./markup/tokenizer.ts"
import { Reader } from "./reader.ts"
import { Survey } from "./survey.ts"

/** An XML declaration fits in this. */
const DECLARATION_BYTES = 1_024
/** What is looked at before the first row: most files as a whole. */
const SURVEY_BYTES = 33_554_432
/** Larger chunks are cut, so that no more than a batch or two waits. */
const CHUNK_BYTES = 32_768

const Options = Schema.Struct({
  /** The element of a record, by name or by path (`pdv`, `pdv_liste/pdv`), when the document's own shape does not tell. */
  record: Schema.optionalKey(Schema.NonEmptyString),
  /** Elements, by name or by path, that are rows of a child table also in files where none repeats. */
  lists: Schema.optionalKey(Schema.Array(Schema.NonEmptyString)),
})

const failure = (
  file: RawFile,
  message: string,
  rest?: Partial<ConstructorParameters<typeof FormatError>[0]>,
): FormatError =>
  new FormatError({
    plugin: "xml",
    operation: "read",
    reason: dataQuality,
    message: `${file.name}: ${message}`,
    ...rest,
  })

const fail = (file: RawFile, cause: unknown): FormatError => {
  if (!(cause instanceof XmlProblem)) return failure(file, "cannot be read as XML", { cause })
  const { line, byte } = cause
  const advice = cause.incomplete
    ? "the file was cut short: fetch it again, or ask its publisher"
    : "ask its publisher for well-formed XML"
  return failure(file, `${cause.message} (line ${line}, byte ${byte}); ${advice}`, { position: { line, byte } })
}

const cut = (chunk: Uint8Array): ReadonlyArray<Uint8Array> => {
  const pieces: Array<Uint8Array> = []
  for (let at = 0; at < chunk.length; at += CHUNK_BYTES) pieces.push(chunk.subarray(at, at + CHUNK_BYTES))
  return pieces
}

const chunksOf = (file: RawFile, range?: ByteRange): Stream.Stream<Uint8Array, ReadError> =>
  file.bytes(range).pipe(Stream.map(cut), Stream.filter(Arr.isReadonlyArrayNonEmpty), Stream.flattenArray)

const findEncoding = Effect.fnUntraced(function* (file: RawFile) {
  const head = Buffer.concat(yield* Stream.runCollect(file.bytes({ start: 0, end: DECLARATION_BYTES })))
  const encoding = encodingOf(head)
  if (!("unknown" in encoding)) return encoding
  return yield* failure(
    file,
    `its encoding ${JSON.stringify(encoding.unknown)} is not known; ask its publisher for UTF-8`,
  )
})

const survey = Effect.fnUntraced(function* (file: RawFile, encoding: Encoding) {
  const attempt = <A>(run: () => A) => Effect.try({ try: run, catch: (cause) => fail(file, cause) })
  const decoder = new Decoder(encoding)
  const found: Survey = new Survey(() => tokenizer.position)
  const tokenizer: Tokenizer = new Tokenizer(found, (text) => bytesOf(encoding, text), encoding.mark)
  let bytes = 0
  yield* Stream.runForEach(chunksOf(file, { start: 0, end: SURVEY_BYTES }), (chunk) =>
    attempt(() => {
      bytes += chunk.length
      tokenizer.push(decoder.push(chunk))
    }),
  )
  return yield* attempt(() => {
    if (bytes < SURVEY_BYTES) {
      tokenizer.push(decoder.end())
      tokenizer.end()
    }
    return found.finish()
  })
})

const findLayout = Effect.fnUntraced(function* (file: RawFile, encoding: Encoding, options: typeof Options.Type) {
  const document = yield* survey(file, encoding)
  const layout = layoutOf(document, options)
  if (layout !== undefined) return layout
  const there = repeatedPaths(document).slice(0, 5).join(", ")
  return yield* failure(
    file,
    options.record === undefined
      ? `no element begins within ${SURVEY_BYTES} bytes; ask its publisher for XML that holds data`
      : `no element "${options.record}"${there === "" ? "" : `; elements that repeat: ${there}`}; correct or remove the option "record"`,
    options.record === undefined ? {} : { reason: misconfigured },
  )
})

const readWith = (file: RawFile, encoding: Encoding, layout: Layout): Stream.Stream<TableEvent, ReadError> =>
  Stream.suspend(() => {
    const decoder = new Decoder(encoding)
    const reader = new Reader(layout, (text) => bytesOf(encoding, text), encoding.mark)
    const attempt = (run: () => ReadonlyArray<TableEvent>) =>
      Effect.try({ try: run, catch: (cause) => fail(file, cause) })
    const end = (): ReadonlyArray<TableEvent> => {
      const events = reader.push(decoder.end())
      const { foreign } = decoder
      return [
        ...events,
        ...reader.end({ encoding: encoding.name, ...(foreign > 0 ? { bytesInWindows1252: foreign } : {}) }),
      ]
    }
    return chunksOf(file).pipe(
      Stream.mapEffect((chunk) => attempt(() => reader.push(decoder.push(chunk)))),
      Stream.concat(Stream.fromEffect(Effect.suspend(() => attempt(end)))),
      // Not `flatMap`: its inner streams keep batches alive until the next full collection, 100 MB of them.
      Stream.filter(Arr.isReadonlyArrayNonEmpty),
      Stream.flattenArray,
    )
  })

/**
 * XML of any encoding and size. Records are found by themselves; attributes and single elements become columns `a.b`, elements that repeat
 * child tables `<parent>__a`; all cells are text as written. Fails with `FormatError` (line, byte) where the document is not well formed.
 * @example
 * formats: [xml({ record: "pdv", lists: ["rupture"] })]
 */
export const xml = defineFormat({
  id: "xml",
  apiVersion: 1,
  // 2: entities that a document declares itself are its text.
  fingerprint: 2,
  config: Schema.toStandardSchemaV1(Options, { parseOptions: { errors: "all", onExcessProperty: "error" } }),
  detects,
  read: (file, options) =>
    Stream.unwrap(
      Effect.gen(function* () {
        const encoding = yield* findEncoding(file)
        return readWith(file, encoding, yield* findLayout(file, encoding, options))
      }),
    ),
})
