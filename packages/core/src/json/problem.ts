/** Why bytes are not JSON, and where: thrown by the pure parts, turned into a reject or a `FormatError` at the edge. */
import { FormatError } from "../contracts/errors.ts"
import type { RawFile } from "../contracts/raw-file.ts"
import { dataQuality } from "../contracts/reason.ts"
import type { Encoding } from "./encoding.ts"

export class JsonProblem extends Error {
  /** Byte of the file from 0 (of its UTF-8 form, if it is in UTF-16); a character index while it is still inside one value. */
  readonly at: number
  /** The text ended where more was due: the mark of a truncated file. */
  readonly incomplete: boolean

  constructor(message: string, at: number, incomplete = false) {
    // Each record of a file may have one, and a stack costs more than reading the record.
    const { stackTraceLimit } = Error
    Error.stackTraceLimit = 0
    super(message)
    Error.stackTraceLimit = stackTraceLimit
    this.at = at
    this.incomplete = incomplete
  }
}

/** Levels of nesting that are read. No data set comes near; a bomb of brackets must not exhaust the stack. */
export const MAX_DEPTH = 512

/** Bytes of one value that are held at once. Beyond, a file is one huge record by mistake, or a bomb. */
export const MAX_VALUE_BYTES = 268_435_456

/** `{`, or `0x07` for what cannot be shown. */
export const showByte = (byte: number): string =>
  byte > 0x20 && byte < 0x7f ? `"${String.fromCharCode(byte)}"` : `byte 0x${byte.toString(16).padStart(2, "0")}`

/** The error of a file that a plugin cannot read on. Transcoded bytes are not the file's: a place in them would mislead. */
export const jsonError = (plugin: string, file: RawFile, encoding: Encoding, cause: unknown): FormatError => {
  const failure = { plugin, operation: "read", reason: dataQuality }
  if (!(cause instanceof JsonProblem))
    return new FormatError({ ...failure, message: `${file.name}: cannot be read`, cause })
  const byte = encoding.name === "utf-8" ? cause.at : undefined
  const advice = cause.incomplete
    ? "the file was cut short: fetch it again, or ask its publisher"
    : "ask its publisher for a sound file"
  const place = byte === undefined ? "" : ` (byte ${byte})`
  return new FormatError({
    ...failure,
    message: `${file.name}: ${cause.message}${place}; ${advice}`,
    ...(byte === undefined ? {} : { position: { byte } }),
  })
}
