/** The bytes of one entry of a zip. */
import type { FileHandle } from "node:fs/promises"
import { Readable } from "node:stream"
import { crc32, createInflateRaw } from "node:zlib"
import { bunzip2 } from "../compressed/bunzip2.ts"
import { inflate64 } from "../compressed/inflate64.ts"
import { unzstd } from "../compressed/unzstd.ts"
import { readRange } from "../read-range.ts"
import type { Entry } from "./entry.ts"

const CHUNK_BYTES = 65_536
const LOCAL = 0x04034b50
const LOCAL_BYTES = 30

type Bytes = AsyncIterable<Uint8Array>

async function* inflated(packed: Bytes): AsyncGenerator<Uint8Array> {
  const input = Readable.from(packed, { objectMode: false })
  const stream = createInflateRaw({ chunkSize: CHUNK_BYTES })
  input.on("error", (error) => stream.destroy(error))
  input.pipe(stream)
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) yield chunk
  } finally {
    input.destroy()
    stream.destroy()
  }
}

const unwatched = { onProgress: () => undefined, onTrailing: () => undefined }

/** How the methods that we read are undone (APPNOTE 4.4.5). */
const methods: Readonly<Record<number, (packed: Bytes) => Bytes>> = {
  0: (packed) => packed,
  8: inflated,
  9: inflate64,
  12: (packed) => bunzip2(packed, unwatched),
  93: (packed) => unzstd(packed, unwatched),
}

const METHOD_NAMES: Readonly<Record<number, string>> = { 14: "LZMA", 95: "xz", 98: "PPMd", 99: "AES" }

/** Why the entry cannot be unpacked, or `undefined`. */
export const whyNotUnpacked = ({ flags, method }: Entry): string | undefined => {
  if ((flags & 0x1) !== 0) return "encrypted: ask its publisher for an open archive"
  if (methods[method] !== undefined) return undefined
  const name = METHOD_NAMES[method] ?? String(method)
  return `its compression method ${name} is not supported: ask its publisher for a plain zip (deflate)`
}

const packedBytes = async (handle: FileHandle, start: number, { place, packedSize }: Entry): Promise<Bytes> => {
  const { bytesRead, buffer } = await handle.read(Buffer.alloc(LOCAL_BYTES), 0, LOCAL_BYTES, start + place)
  if (bytesRead < LOCAL_BYTES) throw new Error("the archive is cut short")
  if (buffer.readUInt32LE(0) !== LOCAL) throw new Error("its header is not where the directory says")
  const from = start + place + LOCAL_BYTES + buffer.readUInt16LE(26) + buffer.readUInt16LE(28)
  return readRange(handle, { start: from, end: from + packedSize })
}

/** Unpacks an entry of the archive that begins at `start`; throws unless size and checksum are those of the directory. */
export async function* unpackEntry(handle: FileHandle, start: number, entry: Entry): AsyncGenerator<Uint8Array> {
  let size = 0
  let checksum = 0
  for await (const chunk of methods[entry.method]?.(await packedBytes(handle, start, entry)) ?? []) {
    size += chunk.length
    if (size > entry.size) throw new Error(`more bytes than the ${entry.size} of the directory`)
    checksum = crc32(chunk, checksum)
    yield chunk
  }
  if (size !== entry.size) throw new Error(`${size} bytes where the directory says ${entry.size}`)
  if (checksum !== entry.crc) throw new Error("its checksum (CRC-32) is not that of its bytes")
}
