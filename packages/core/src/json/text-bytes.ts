/** The bytes of a file as UTF-8, in small chunks. */
import type { ReadError } from "../contracts/errors.ts"
import type { RawFile } from "../contracts/raw-file.ts"
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
