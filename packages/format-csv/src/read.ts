/** Reads a file the tolerant way: surveyed once, then cut record by record. */
import { FormatError, misconfigured, type RawFile, type ReadError, type TableEvent } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { byteCounter } from "./records/byte-counter.ts"
import { formatError } from "./csv-error.ts"
import { decodeStream } from "./encoding/decoding.ts"
import { factsOf } from "./facts.ts"
import { findLayout, type Layout } from "./dialect/layout.ts"
import type { Options } from "./options.ts"
import { recordReader } from "./records/record-reader.ts"
import { survey, type Survey } from "./survey/survey.ts"
import { TABLE } from "./records/table-builder.ts"

/** What is known of a file before its records are read. */
export interface Opened {
  readonly surveyed: Survey
  readonly layout: Layout
}

const openAnew = Effect.fn("FormatCsv.open")(function* (
  file: RawFile,
  options: Options,
): Effect.fn.Return<Opened, ReadError> {
  const surveyed = yield* survey(file, options)
  if (surveyed.bytes === 0)
    return yield* formatError(
      "read",
      `${file.name}: empty file (0 bytes); fetch it again later or leave the resource out`,
    )
  const layout = findLayout(surveyed.head, surveyed.whole, surveyed.blocks, options)
  if (layout.columns.length === 0)
    return yield* formatError(
      "read",
      `${file.name}: empty file (${surveyed.bytes} bytes, no record); fetch it again later or leave the resource out`,
    )
  const told = options.header === undefined || options.header === false ? [] : [options.header].flat()
  const missing = told.find((line) => !layout.headerLines.includes(line))
  if (missing !== undefined) {
    return yield* new FormatError({
      plugin: "csv",
      operation: "read",
      message: `${file.name}: no record begins on line ${missing}, where the option "header" says the header is; correct it`,
      reason: misconfigured,
      position: { line: missing },
    })
  }
  return { surveyed, layout }
})

/** A file that the engine declines is opened again, to be read record by record. */
const opened = new WeakMap<RawFile, { readonly options: Options; readonly as: Opened }>()

/** Surveys a file, once, and finds its layout; fails on one with nothing in it. */
export const open = (file: RawFile, options: Options): Effect.Effect<Opened, ReadError> =>
  Effect.suspend(() => {
    const known = opened.get(file)
    return known?.options === options
      ? Effect.succeed(known.as)
      : Effect.tap(openAnew(file, options), (as) => Effect.sync(() => opened.set(file, { options, as })))
  })

const recordsOf = (
  file: RawFile,
  { surveyed, layout }: Opened,
  options: Options,
): Stream.Stream<TableEvent, ReadError> =>
  Stream.suspend(() => {
    const reader = recordReader(
      file.name,
      layout,
      options.nullValues ?? [],
      byteCounter(surveyed.encoding, surveyed.mark),
    )
    const step = (piece: string, final: boolean): Effect.Effect<ReadonlyArray<TableEvent>, FormatError> =>
      Effect.suspend(() => {
        const events = reader.read(piece, final)
        return "_tag" in events ? Effect.fail(events) : Effect.succeed(events)
      })
    return decodeStream(file.bytes({ start: 0, transient: true }), surveyed.encoding.name).pipe(
      Stream.mapEffect((piece) => step(piece, false)),
      Stream.concat(Stream.fromEffect(Effect.suspend(() => step("", true)))),
      Stream.flattenIterable,
      Stream.concat(
        Stream.suspend(() =>
          Stream.fromIterable<TableEvent>([
            {
              _tag: "Facts",
              table: TABLE,
              facts: { ...factsOf(surveyed, layout), reader: "tolerant", ...reader.facts() },
            },
            ...reader.nextFacts().map(({ table, facts }): TableEvent => ({ _tag: "Facts", table, facts })),
          ]),
        ),
      ),
    )
  })

/** The table of a file, its rejects and the facts about it. */
export const read = (file: RawFile, options: Options): Stream.Stream<TableEvent, ReadError> =>
  Stream.unwrap(
    Effect.map(open(file, options), (opened) => {
      const started: TableEvent = {
        _tag: "TableStarted",
        table: TABLE,
        columns: opened.layout.columns.map((name) => ({ name })),
      }
      return Stream.concat(Stream.succeed(started), recordsOf(file, opened, options))
    }),
  )
