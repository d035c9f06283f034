/** The `.dbf` beside a `.shp`: rows by their number, read in runs. */
import { dataQuality, FormatError, type RawFile, type ReadError, terminal } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { open } from "node:fs/promises"
import { textDecoder, type Decode } from "./code-page.ts"
import { type DbfField, dbfHeader } from "./dbf.ts"

const HEAD_BYTES = 65_536
const DELETED = 0x2a

/** The texts of one record, by field; `undefined` for a record that was deleted and only waits to be removed. */
export type DbfRecord = ReadonlyArray<string> | undefined

/** An open table of attributes. */
export interface Attributes {
  readonly fields: ReadonlyArray<DbfField>
  readonly records: number
  readonly encoding: string
  /** Records `from` (0 is the first) to `to`. */
  readonly read: (from: number, to: number) => Effect.Effect<ReadonlyArray<DbfRecord>, ReadError>
}

/** A shapefile without attributes. */
export const noAttributes: Attributes = { fields: [], records: 0, encoding: "", read: () => Effect.succeed([]) }

const damaged = (file: RawFile, message: string): FormatError =>
  new FormatError({
    plugin: "shapefile",
    operation: "read",
    reason: dataQuality,
    message: `${file.name}: ${message}; fetch it again, or ask its publisher`,
  })

/** Opens the table for the scope; `encoding` overrules `cpg`, which overrules what the table says itself. */
export const openAttributes = Effect.fnUntraced(function* (
  file: RawFile,
  cpg: string | undefined,
): Effect.fn.Return<Attributes, ReadError, Scope.Scope> {
  const path = yield* file.local
  const failed = (cause: unknown) =>
    new FormatError({
      plugin: "shapefile",
      operation: "read",
      reason: terminal,
      message: `${file.name}: cannot be read from the disk`,
      cause,
    })
  const handle = yield* Effect.acquireRelease(Effect.tryPromise({ try: () => open(path), catch: failed }), (opened) =>
    Effect.promise(() => opened.close()),
  )
  const bytes = (start: number, length: number) =>
    Effect.map(
      Effect.tryPromise({ try: () => handle.read(Buffer.alloc(length), 0, length, start), catch: failed }),
      ({ bytesRead, buffer }) => buffer.subarray(0, bytesRead),
    )
  const head = yield* bytes(0, HEAD_BYTES)
  const { header, fields, encoding, decode } = yield* Effect.try({
    try: () => {
      const header = dbfHeader(head)
      const { encoding, decode } = textDecoder(cpg, header.driver)
      return { header, fields: header.fields(decode), encoding, decode }
    },
    catch: (cause) => damaged(file, cause instanceof RangeError ? cause.message : "it is no DBF file"),
  })
  const { headerBytes, recordBytes, records } = header
  // Before a count that lies becomes rows: four bytes can say 4 billion.
  const { size } = yield* Effect.tryPromise({ try: () => handle.stat(), catch: failed })
  if (headerBytes + records * recordBytes > size) return yield* damaged(file, `it ends before its ${records} records`)
  const read: Attributes["read"] = Effect.fnUntraced(function* (from, to) {
    const length = (to - from) * recordBytes
    const run = yield* bytes(headerBytes + from * recordBytes, length)
    return Array.from({ length: to - from }, (_, n) =>
      recordOf(run.subarray(n * recordBytes, (n + 1) * recordBytes), fields, decode),
    )
  })
  return { fields, records, encoding, read }
})

const recordOf = (bytes: Uint8Array, fields: ReadonlyArray<DbfField>, decode: Decode): DbfRecord =>
  bytes[0] === DELETED ? undefined : fields.map(({ offset, length }) => decode(bytes.subarray(offset, offset + length)))
