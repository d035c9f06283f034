/** The way that needs no engine: row groups in, batches out. */
import type { Batch, RawFile, ReadError, TableEvent } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { type DecodedArray, type FileMetaData, parquetScan } from "hyparquet"
import { cellReader } from "./cell.ts"
import { asStored, columnsOf } from "./columns.ts"
import { compressors } from "./compressors.ts"
import { factsOf } from "./footer.ts"
import { asyncBuffer, readError } from "./source.ts"

/** The one table of a file. */
export const MAIN = "main"
const BATCH_ROWS = 8_192
/** Cells decoded at a time: of a wide row group only a part of the rows, at the price of unpacking it again. */
const MOST_CELLS = 2_097_152

interface Part {
  readonly start: number
  readonly end: number
}

const partsOf = ({ start, end }: Part, rows: number): ReadonlyArray<Part> =>
  Array.from({ length: Math.ceil((end - start) / rows) }, (_, n) => ({
    start: start + n * rows,
    end: Math.min(end, start + (n + 1) * rows),
  }))

/** All, once all have ended: none goes on reading after another has failed. */
const allOf = async <A>(promises: ReadonlyArray<Promise<A>>): Promise<ReadonlyArray<A>> => {
  await Promise.allSettled(promises)
  return Promise.all(promises)
}

/** The events of a file whose footer was read. */
export const readTable = (file: RawFile, metadata: FileMetaData): Stream.Stream<TableEvent, ReadError> =>
  Stream.scoped(
    Stream.unwrap(
      Effect.gen(function* () {
        const columns = columnsOf(metadata)
        const source = yield* asyncBuffer(file)
        const attempt = <A>(run: () => Promise<A>) =>
          Effect.tryPromise({ try: run, catch: (cause) => readError(file, cause) })
        const scan = yield* attempt(() =>
          parquetScan({
            file: source,
            metadata: asStored(metadata),
            compressors,
            utf8: false,
            geoparquet: false,
            parsers: { timestampFromNanoseconds: (nanos: bigint) => nanos },
          }),
        )
        const rows = Math.max(
          BATCH_ROWS,
          Math.floor(MOST_CELLS / Math.max(1, columns.length) / BATCH_ROWS) * BATCH_ROWS,
        )
        const readers = columns.map(({ node }) => cellReader(node))
        const batchOf = (decoded: ReadonlyArray<DecodedArray>, first: number, { start, end }: Part): Batch => ({
          table: MAIN,
          size: end - start,
          columns: decoded.map((values, c) =>
            Array.from({ length: end - start }, (_, i) => readers[c]?.(values[start + i]) ?? null),
          ),
          rowNumbers: Float64Array.from({ length: end - start }, (_, i) => first + start + i + 1),
        })
        const decode = (part: Part) =>
          attempt(() =>
            allOf(
              columns.map(async ({ name }) =>
                scan.readColumn({ column: name, rowStart: part.start, rowEnd: part.end }),
              ),
            ),
          )
        const batches = Stream.fromIterable(
          scan.ranges.flatMap(({ rowStart, rowEnd }) => partsOf({ start: rowStart, end: rowEnd }, rows)),
        ).pipe(
          Stream.rechunk(1),
          Stream.mapEffect((part) => Effect.map(decode(part), (decoded) => ({ part, decoded }))),
          Stream.flatMap(({ part, decoded }) =>
            Stream.fromIterable(
              partsOf({ start: 0, end: part.end - part.start }, BATCH_ROWS).map((slice) => ({ part, decoded, slice })),
            ),
          ),
          Stream.rechunk(1),
          Stream.mapEffect(({ part, decoded, slice }) =>
            Effect.try({
              try: (): TableEvent => ({ _tag: "Batch", ...batchOf(decoded, part.start, slice) }),
              catch: (cause) => readError(file, cause),
            }),
          ),
        )
        const before: ReadonlyArray<TableEvent> = [
          { _tag: "TableStarted", table: MAIN, columns: columns.map(({ name, type }) => ({ name, type })) },
          { _tag: "Facts", table: MAIN, facts: factsOf(metadata) },
        ]
        return Stream.concat(Stream.fromIterable(before), batches)
      }),
    ),
  )
