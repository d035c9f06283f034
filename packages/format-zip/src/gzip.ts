/** The gzip container: one member. */
import {
  type ByteRange,
  dataQuality,
  defineContainer,
  FormatError,
  type RawFile,
  type ReadError,
} from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { isUtf8 } from "node:buffer"
import { capError, depthOf, GzipOptions, isReadError, memberIdentity, RATIO_FLOOR } from "./caps.ts"
import { gunzip, headerName } from "./gunzip.ts"
import { memberRawFile } from "./member.ts"

const HEAD_BYTES = 65_536

const gzipError = (file: RawFile, cause: unknown): ReadError => {
  if (isReadError(cause)) return cause
  const said = cause instanceof Error ? cause.message : String(cause)
  return new FormatError({
    plugin: "gzip",
    operation: "expand",
    reason: dataQuality,
    message: `${file.name}: ${said}; fetch it again, or ask its publisher for a sound file`,
    cause,
  })
}

/** The RFC says Latin-1; today's tools write UTF-8. Folders are left out. */
const innerName = (raw: Buffer | undefined, outer: string): string => {
  const inHeader = raw
    ?.toString(isUtf8(raw) ? "utf8" : "latin1")
    .split(/[/\\]/)
    .at(-1)
  return inHeader !== undefined && inHeader !== ""
    ? inHeader
    : outer.replace(/\.tgz$/i, ".tar").replace(/\.(?:gz|gzip|z)$/i, "")
}

const expand = Effect.fnUntraced(function* (file: RawFile, options: GzipOptions) {
  if (depthOf(file) >= options.maxDepth)
    return yield* capError("gzip", file.name, `it lies in ${depthOf(file)} archives`, "maxDepth")
  const context = yield* Effect.context()
  const packed = (range?: ByteRange) => Stream.toAsyncIterableWith(file.bytes(range), context)
  let told = false
  const toError = (cause: unknown) => gzipError(file, cause)
  const raw = yield* Effect.tryPromise({ try: () => headerName(packed({ start: 0, end: HEAD_BYTES })), catch: toError })
  const name = innerName(raw, file.name)
  const watch = {
    onProgress: (given: number, size: number) => {
      if (size > options.maxBytes)
        throw capError("gzip", file.name, `unpacks to more than ${options.maxBytes} bytes`, "maxBytes")
      if (size > RATIO_FLOOR && size > given * options.maxRatio)
        throw capError("gzip", file.name, `${given} bytes unpack to more than ${size}`, "maxRatio")
    },
    onTrailing: (bytes: number) => {
      if (told) return
      told = true
      Effect.runForkWith(context)(
        Effect.logWarning(`${file.name}: ${bytes} bytes after the end of the gzip data were ignored`),
      )
    },
  }
  return memberRawFile({
    plugin: "gzip",
    name,
    // The trailer's size is modulo 4 GiB and of the last stream only.
    size: undefined,
    identity: memberIdentity(file.identity, name),
    unpack: () => gunzip(packed(), watch),
    toError,
  })
})

/**
 * Gzip files: the one member, named by the header or by the file without `.gz`. Bytes that are no gzip after the end are ignored with a
 * warning.
 * @example
 * containers: [gzip()]
 */
export const gzip = defineContainer({
  id: "gzip",
  apiVersion: 1,
  fingerprint: 1,
  config: Schema.toStandardSchemaV1(GzipOptions, { parseOptions: { errors: "all", onExcessProperty: "error" } }),
  detects: ({ head: [a, b, c] }) => (a === 0x1f && b === 0x8b && c === 8 ? 0.9 : 0),
  expand: (file, options) => Stream.fromEffect(expand(file, options)),
})
