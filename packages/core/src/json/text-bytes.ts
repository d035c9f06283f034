/** The bytes of a file as UTF-8, in small chunks. */
import type { ReadError } from "../contracts/errors.ts"
import type { RawFile } from "../contracts/raw-file.ts"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { type Encoding, toUtf8 } from "./encoding.ts"

/** Larger chunks are cut, so that no more than a batch or two waits. */
const CHUNK_BYTES = 262_144

const cut = (chunk: Uint8Array): Array<Uint8Array> => {
  if (chunk.length <= CHUNK_BYTES) return [chunk]
  const pieces: Array<Uint8Array> = []
  for (let at = 0; at < chunk.length; at += CHUNK_BYTES) pieces.push(chunk.subarray(at, at + CHUNK_BYTES))
  return pieces
}

/** Elements of the arrays of a stream. Measured: `flatMap` and `flattenIterable` open a stream for each array, at 1.3 times the CPU and memory of a whole reading. */
export const flatten = <A, E, R>(arrays: Stream.Stream<ReadonlyArray<A>, E, R>): Stream.Stream<A, E, R> =>
  Stream.flattenArray(Stream.filter(arrays, (array): array is readonly [A, ...Array<A>] => array.length > 0))

/** The whole file from its start, as UTF-8 without a byte order mark. A chunk is good until the next is asked for. */
export const textBytes = (file: RawFile, encoding: Encoding): Stream.Stream<Uint8Array, ReadError> =>
  Stream.suspend(() => {
    const convert = toUtf8(encoding)
    return flatten(Stream.map(file.bytes({ start: 0, transient: true }), cut)).pipe(
      Stream.map(convert),
      Stream.concat(Stream.sync(() => convert(undefined))),
    )
  })

/** What makes something of text, chunk by chunk. Both throw. */
export interface TextReader<A> {
  readonly push: (chunk: Uint8Array) => ReadonlyArray<A>
  /** After the last chunk. */
  readonly end: () => ReadonlyArray<A>
}

/** What a new reader makes of the whole file; `fail` tells what it threw. */
export const readText = <A>(
  file: RawFile,
  encoding: Encoding,
  reader: () => TextReader<A>,
  fail: (cause: unknown) => ReadError,
): Stream.Stream<A, ReadError> =>
  Stream.suspend(() => {
    const opened = reader()
    const attempt = (run: () => ReadonlyArray<A>) => Effect.try({ try: run, catch: fail })
    return textBytes(file, encoding).pipe(
      Stream.mapEffect((chunk) => attempt(() => opened.push(chunk))),
      Stream.concat(Stream.fromEffect(Effect.suspend(() => attempt(() => opened.end())))),
      flatten,
    )
  })
