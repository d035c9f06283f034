/**
 * Gzip streams one after the other (RFC 1952), with what follows them. Node's own gunzip throws away the end of the data when bytes that are
 * no gzip follow it, so the frames are read here and only the deflate between them is Node's.
 */
import { Readable } from "node:stream"
import { crc32, createInflateRaw } from "node:zlib"
import { PulledBytes, type Watch } from "./pulled-bytes.ts"

const EXTRA = 4
const NAME = 8
const COMMENT = 16
const HEADER_CRC = 2
const CHUNK_BYTES = 65_536
const CUT = "the gzip data is cut short"
/** Names and comments end with a zero; a real one is shorter. */
const LONGEST_TEXT = 65_536

const readText = async (source: PulledBytes): Promise<Buffer> => {
  const bytes: Array<number> = []
  for (;;) {
    const [byte = 0] = await source.exactly(1)
    if (byte === 0) return Buffer.from(bytes)
    if (bytes.push(byte) > LONGEST_TEXT) throw new Error("a text of its gzip header has no end")
  }
}

/** Reads a header, its ten first bytes given; the file name as raw bytes, if there is one. */
const readHeader = async (source: PulledBytes, fixed: Buffer): Promise<Buffer | undefined> => {
  if (fixed.length < 10) throw new Error(CUT)
  const [, , method = 0, flags = 0] = fixed
  if (method !== 8) throw new Error(`gzip method ${method} is not known`)
  if ((flags & EXTRA) !== 0) await source.exactly((await source.exactly(2)).readUInt16LE(0))
  const name = (flags & NAME) === 0 ? undefined : await readText(source)
  if ((flags & COMMENT) !== 0) await readText(source)
  if ((flags & HEADER_CRC) !== 0) await source.exactly(2)
  return name
}

async function* inflate(source: PulledBytes): AsyncGenerator<Buffer> {
  const stream = createInflateRaw({ chunkSize: CHUNK_BYTES })
  const fed: Array<Uint8Array> = []
  let before = 0
  async function* feed() {
    for (;;) {
      const chunk = await source.next()
      if (chunk === undefined) return
      for (let [done] = fed; done !== undefined && before + done.length <= stream.bytesWritten; [done] = fed) {
        before += done.length
        fed.shift()
      }
      fed.push(chunk)
      yield chunk
    }
  }
  const input = Readable.from(feed(), { objectMode: false, highWaterMark: 1 })
  input.on("error", (error) => stream.destroy(error))
  input.pipe(stream)
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) yield chunk
  } finally {
    // Closed only when a pull that was under way has ended, so that its chunk is put back too.
    if (!input.closed) await new Promise<void>((resolve) => input.once("close", resolve).destroy())
    stream.destroy()
  }
  source.putBack(Buffer.concat(fed).subarray(stream.bytesWritten - before))
}

/** The name in the first header, if the bytes have one. */
export const headerName = async (chunks: AsyncIterable<Uint8Array>): Promise<Buffer | undefined> => {
  const source = new PulledBytes(chunks, CUT)
  try {
    return await readHeader(source, await source.take(10))
  } finally {
    await source.close()
  }
}

/** Unpacks every stream of `chunks`, checking sizes and checksums. Zeros after the last are padding; other bytes are reported. */
export async function* gunzip(chunks: AsyncIterable<Uint8Array>, watch: Watch): AsyncGenerator<Buffer> {
  const source = new PulledBytes(chunks, CUT)
  let total = 0
  try {
    for (let first = true; ; first = false) {
      const fixed = await source.take(10)
      if (fixed[0] !== 0x1f || fixed[1] !== 0x8b) {
        if (first) throw new Error("the bytes are no gzip")
        source.putBack(fixed)
        const trailing = await source.trailing()
        if (trailing > 0) watch.onTrailing(trailing)
        return
      }
      await readHeader(source, fixed)
      let size = 0
      let checksum = 0
      for await (const chunk of inflate(source)) {
        size += chunk.length
        total += chunk.length
        watch.onProgress(source.used, total)
        checksum = crc32(chunk, checksum)
        yield chunk
      }
      const trailer = await source.exactly(8)
      if (trailer.readUInt32LE(0) !== checksum) throw new Error("its checksum (CRC-32) is not that of its bytes")
      if (trailer.readUInt32LE(4) !== size % 2 ** 32) throw new Error("its size is not the one in its trailer")
    }
  } finally {
    await source.close()
  }
}
