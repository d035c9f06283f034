/** Bytes to text, and bytes to UTF-8, whatever the cuts of the chunks. The mark at the start of the file is left out. */
import { StringDecoder } from "node:string_decoder"
import * as Stream from "effect/Stream"
import type { EncodingName } from "./encoding-name.ts"
import { type SingleByte, singleByte, singleByteText, singleByteToUtf8 } from "./single-byte.ts"

interface Decoder<A> {
  readonly write: (bytes: Uint8Array) => A
  readonly end: () => A
}

const view = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

const tables = {
  "windows-1252": singleByte["windows-1252"],
  "iso-8859-1": singleByte["windows-1252"],
  macintosh: singleByte.macintosh,
  ibm850: singleByte.ibm850,
}

/** The table of an encoding of one byte a character. */
export const singleByteOf = (encoding: EncodingName): SingleByte | undefined =>
  encoding === "utf-8" || encoding === "utf-16le" || encoding === "utf-16be" ? undefined : tables[encoding]

const decoderOf = (encoding: EncodingName): Decoder<string> => {
  switch (encoding) {
    case "utf-8": {
      const decoder = new StringDecoder("utf8")
      return { write: (bytes) => decoder.write(view(bytes)), end: () => decoder.end() }
    }
    case "utf-16le":
    case "utf-16be": {
      const decoder = new TextDecoder(encoding, { ignoreBOM: true })
      return { write: (bytes) => decoder.decode(bytes, { stream: true }), end: () => decoder.decode() }
    }
    default:
      return { write: (bytes) => singleByteText(view(bytes), tables[encoding]), end: () => "" }
  }
}

const withoutMark = (decoder: Decoder<string>): Decoder<string> => {
  let started = false
  const clean = (text: string) => {
    if (started || text === "") return text
    started = true
    return text.startsWith("\ufeff") ? text.slice(1) : text
  }
  return { write: (bytes) => clean(decoder.write(bytes)), end: () => clean(decoder.end()) }
}

const decodeWith = <A extends { readonly length: number }, E>(
  bytes: Stream.Stream<Uint8Array, E>,
  make: () => Decoder<A>,
): Stream.Stream<A, E> =>
  Stream.suspend(() => {
    const decoder = make()
    return bytes.pipe(
      Stream.map(decoder.write),
      Stream.concat(Stream.sync(decoder.end)),
      Stream.filter((piece) => piece.length > 0),
    )
  })

/** Bytes in one piece, to text. */
export const decode = (bytes: Uint8Array, encoding: EncodingName): string => {
  const decoder = withoutMark(decoderOf(encoding))
  return decoder.write(bytes) + decoder.end()
}

/** A part that begins and ends between characters, to text; a mark at its start is text. */
export const decodePart = (bytes: Uint8Array, encoding: EncodingName): string => {
  const decoder = decoderOf(encoding)
  return decoder.write(bytes) + decoder.end()
}

/** A stream of bytes, to text; invalid bytes become U+FFFD. */
export const decodeStream = <E>(
  bytes: Stream.Stream<Uint8Array, E>,
  encoding: EncodingName,
): Stream.Stream<string, E> => decodeWith(bytes, () => withoutMark(decoderOf(encoding)))

/** A stream of bytes, to valid UTF-8; a chunk is gone when the next is asked for. */
export const toUtf8 = <E>(
  bytes: Stream.Stream<Uint8Array, E>,
  encoding: EncodingName,
): Stream.Stream<Uint8Array, E> => {
  if (encoding === "utf-8" || encoding === "utf-16le" || encoding === "utf-16be") {
    return decodeStream(bytes, encoding).pipe(Stream.map((text) => Buffer.from(text, "utf8")))
  }
  // One at a time, as they share their memory.
  return Stream.suspend(() => Stream.map(Stream.rechunk(bytes, 1), singleByteToUtf8(tables[encoding])))
}
