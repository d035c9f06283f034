/** Files that were compressed one by one, as containers of one member. */
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
import { capError, checkDepth, CompressedOptions, isReadError, note, RATIO_FLOOR } from "../caps.ts"
import { memberRawFile, within } from "../member.ts"
import { bunzip2 } from "./bunzip2.ts"
import { gunzip, headerName } from "./gunzip.ts"
import type { Watch } from "./pulled-bytes.ts"
import { unzstd } from "./unzstd.ts"

const HEAD_BYTES = 65_536

interface Compression {
  readonly id: string
  readonly magic: (head: Uint8Array) => boolean
  readonly unpack: (packed: AsyncIterable<Uint8Array>, watch: Watch) => AsyncIterable<Uint8Array>
  /** Extensions that fall away, and those that stand for an archive. */
  readonly extension: RegExp
  readonly archive?: RegExp
  /** The name that the file's own header gives, as raw bytes. */
  readonly headerName?: (packed: AsyncIterable<Uint8Array>) => Promise<Buffer | undefined>
}

const compressedError = (plugin: string, file: RawFile, cause: unknown): ReadError => {
  if (isReadError(cause)) return cause
  const said = cause instanceof Error ? cause.message : String(cause)
  return new FormatError({
    plugin,
    operation: "expand",
    reason: dataQuality,
    message: `${file.name}: ${said}; fetch it again, or ask its publisher for a sound file`,
    cause,
  })
}

const innerName = (raw: Buffer | undefined, outer: string, { archive, extension }: Compression): string => {
  // RFC 1952 says Latin-1; today's tools write UTF-8. Folders are left out.
  const inHeader = raw
    ?.toString(isUtf8(raw) ? "utf8" : "latin1")
    .split(/[/\\]/)
    .at(-1)
  if (inHeader !== undefined && inHeader !== "") return inHeader
  return (archive === undefined ? outer : outer.replace(archive, ".tar")).replace(extension, "")
}

const expand = Effect.fnUntraced(function* (compression: Compression, file: RawFile, options: CompressedOptions) {
  const { id } = compression
  yield* checkDepth(id, file, options.maxDepth)
  const context = yield* Effect.context()
  const packed = (range?: ByteRange) => Stream.toAsyncIterableWith(file.bytes(range), context)
  const toError = (cause: unknown) => compressedError(id, file, cause)
  const raw = yield* Effect.tryPromise({
    try: async () => compression.headerName?.(packed({ start: 0, end: HEAD_BYTES })),
    catch: toError,
  })
  let told = false
  let most = 0
  const watch: Watch = {
    onProgress: (given, size) => {
      if (size > most && note(file, "bytes", (most = size)) > options.maxBytes)
        throw capError(id, file.name, `unpacks to more than ${options.maxBytes} bytes`, "maxBytes")
      if (size > RATIO_FLOOR && size > given * options.maxRatio)
        throw capError(id, file.name, `${given} bytes unpack to more than ${size}`, "maxRatio")
    },
    onTrailing: (bytes) => {
      if (told) return
      told = true
      Effect.runForkWith(context)(
        Effect.logWarning(`${file.name}: ${bytes} bytes after the end of the ${id} data were ignored`),
      )
    },
  }
  return memberRawFile({
    plugin: id,
    archive: file,
    name: innerName(raw, file.name, compression),
    // The trailer of gzip has the size of the last stream only, modulo 4 GiB; the others have none.
    size: undefined,
    unpack: (range) => {
      const unpacked = compression.unpack(packed(), watch)
      return range === undefined ? unpacked : within(unpacked, range)
    },
    toError,
  })
})

const compressed = (compression: Compression) =>
  defineContainer({
    id: compression.id,
    apiVersion: 1,
    fingerprint: 1,
    config: Schema.toStandardSchemaV1(CompressedOptions, {
      parseOptions: { errors: "all", onExcessProperty: "error" },
    }),
    detects: ({ head }) => (compression.magic(head) ? 0.9 : 0),
    expand: (file, options) => Stream.fromEffect(expand(compression, file, options)),
  })

/**
 * Gzip files: the one member, named by the header or by the file without `.gz`. Bytes that are no gzip after the end are ignored with a
 * warning.
 * @example
 * formats: [gzip({ maxBytes: 100_000_000_000 })]
 */
export const gzip = compressed({
  id: "gzip",
  magic: ([a, b, c]) => a === 0x1f && b === 0x8b && c === 8,
  unpack: gunzip,
  extension: /\.(?:gz|gzip|z)$/i,
  archive: /\.(?:tgz|taz)$/i,
  headerName,
})

/** Bzip2 files: the one member, named by the file without `.bz2`. As {@link gzip} otherwise. */
export const bzip2 = compressed({
  id: "bzip2",
  // BZh1 to BZh9, then the digits of pi or, of nothing, those of its square root.
  magic: ([b, z, h, level = 0, first]) =>
    b === 0x42 && z === 0x5a && h === 0x68 && level >= 0x31 && level <= 0x39 && (first === 0x31 || first === 0x17),
  unpack: bunzip2,
  extension: /\.(?:bz2?|bzip2)$/i,
  archive: /\.(?:tbz2?|tb2)$/i,
})

/** Zstandard files: the one member, named by the file without `.zst`. As {@link gzip} otherwise. */
export const zstd = compressed({
  id: "zstd",
  // A frame, or one to skip, as parallel compressors write first.
  magic: ([a = 0, b, c, d]) =>
    (a === 0x28 && b === 0xb5 && c === 0x2f && d === 0xfd) ||
    (a >= 0x50 && a <= 0x5f && b === 0x2a && c === 0x4d && d === 0x18),
  unpack: unzstd,
  extension: /\.(?:zst|zstd)$/i,
  archive: /\.tzst$/i,
})
