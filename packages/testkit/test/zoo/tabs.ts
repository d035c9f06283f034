/** A small sound format, tab-separated text, and the places where it can be broken on purpose. */
import {
  type Configured,
  defineFormat,
  type Format,
  FormatError,
  type RawFile,
  type ReadError,
  type TableEvent,
  dataQuality,
} from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"

/** What can be wrong with it. */
export interface Faults {
  readonly fingerprint?: number
  readonly detects?: (head: string) => number
  readonly anyOption?: boolean
  /** Between the file and the lines. */
  readonly bytes?: (file: RawFile) => Stream.Stream<Uint8Array, ReadError>
  readonly text?: (chunks: Stream.Stream<Uint8Array, ReadError>) => Stream.Stream<string, ReadError>
  /** What is made of a line that the last chunk leaves without its end. */
  readonly atChunkEnd?: (rest: string) => string
  readonly atEnd?: (rest: string) => string
  readonly cells?: (line: string) => ReadonlyArray<string>
  readonly names?: (names: ReadonlyArray<string>) => ReadonlyArray<string>
  readonly events?: (events: Stream.Stream<TableEvent, ReadError>) => Stream.Stream<TableEvent, ReadError>
  readonly relations?: Format["relations"]
  readonly facts?: (password: string) => Record<string, string>
}

const options = Schema.Struct({ password: Schema.optionalKey(Schema.RedactedFromValue(Schema.String)) })
const TABLE = "main"

const startsWithTabs = (head: string): number => (/^[^\n\0]*\t[^\n\0]*\n/.test(head) ? 0.9 : 0)

const decoded = (chunks: Stream.Stream<Uint8Array, ReadError>): Stream.Stream<string, ReadError> =>
  Stream.suspend(() => {
    const decoder = new TextDecoder()
    return Stream.map(chunks, (chunk) => decoder.decode(chunk, { stream: true }))
  })

/** Lines, those of each chunk together, and the last one without its end. */
const linesOf = (
  text: Stream.Stream<string, ReadError>,
  faults: Faults,
): Stream.Stream<ReadonlyArray<string>, ReadError> =>
  Stream.suspend(() => {
    let rest = ""
    return text.pipe(
      Stream.map((piece) => {
        const lines = (rest + piece).split("\n")
        rest = (faults.atChunkEnd ?? ((line) => line))(lines.pop() ?? "")
        return lines
      }),
      Stream.concat(Stream.sync(() => [(faults.atEnd ?? ((line) => line))(rest)].filter((line) => line !== ""))),
    )
  })

/** The events of some lines; the first line of the file names the columns. */
const reader = (faults: Faults) => {
  let width = 0
  let row = 0
  return (lines: ReadonlyArray<string>): ReadonlyArray<TableEvent> => {
    const events: Array<TableEvent> = []
    const kept: Array<ReadonlyArray<string>> = []
    const numbers: Array<number> = []
    for (const line of lines) {
      const cells = (faults.cells ?? ((text) => text.split("\t")))(line)
      if (width === 0) {
        width = cells.length
        const columns = (faults.names ?? ((names) => names))(cells).map((name) => ({ name }))
        events.push({ _tag: "TableStarted", table: TABLE, columns })
        continue
      }
      row++
      if (cells.length === width) {
        kept.push(cells)
        numbers.push(row)
      } else
        events.push({
          _tag: "Rejects",
          table: TABLE,
          rejects: [{ row, raw: line || "(empty)", code: "missing-columns" }],
        })
    }
    for (let from = 0; from < kept.length; from += 8_192) {
      const rows = kept.slice(from, from + 8_192)
      events.push({
        _tag: "Batch",
        table: TABLE,
        size: rows.length,
        columns: Array.from({ length: width }, (_, column) => rows.map((cells) => cells[column] ?? null)),
        rowNumbers: Float64Array.from(numbers.slice(from, from + 8_192)),
      })
    }
    return events
  }
}

/** The format, broken as told. */
export const tabs = (faults: Faults = {}): ((given?: unknown) => Configured<Format>) =>
  defineFormat({
    id: "tabs",
    apiVersion: 1,
    fingerprint: faults.fingerprint ?? 1,
    config: Schema.toStandardSchemaV1(options, {
      parseOptions: faults.anyOption === true ? {} : { errors: "all", onExcessProperty: "error" },
    }),
    detects: ({ head }) => (faults.detects ?? startsWithTabs)(Buffer.from(head).toString("latin1")),
    read: (file, { password }) =>
      Stream.suspend(() => {
        const chunks = (faults.bytes ?? ((from) => from.bytes()))(file)
        const read = reader(faults)
        const events = linesOf((faults.text ?? decoded)(chunks), faults).pipe(Stream.map(read), Stream.flattenIterable)
        const facts: TableEvent = {
          _tag: "Facts",
          facts: (faults.facts ?? (() => ({})))(password === undefined ? "" : Redacted.value(password)),
        }
        return (faults.events ?? ((same) => same))(Stream.concat(events, Stream.make(facts)))
      }),
    ...(faults.relations === undefined ? {} : { relations: faults.relations }),
  }) as (given?: unknown) => Configured<Format>

/** Takes a file's stream in a scope that `closes` decides to close, for streams that forget it. */
export const closingWhen =
  (closes: (exit: Exit.Exit<unknown, unknown>, finished: boolean) => boolean) =>
  (file: RawFile): Stream.Stream<Uint8Array, ReadError> =>
    Stream.unwrap(
      Effect.gen(function* () {
        const scope = yield* Scope.make()
        let finished = false
        // Holds the file as a handle would: open from the start, closed on its own terms.
        const pull = yield* Effect.provideService(Stream.toPull(file.bytes()), Scope.Scope, scope)
        return Stream.fromPull(Effect.succeed(pull)).pipe(
          Stream.concat(
            Stream.sync(() => {
              finished = true
              return new Uint8Array(0)
            }),
          ),
          Stream.onExit((exit) => (closes(exit, finished) ? Scope.close(scope, Exit.void) : Effect.void)),
        )
      }),
    )

export const anError = (message: string): FormatError =>
  new FormatError({ plugin: "tabs", operation: "read", reason: dataQuality, message })
