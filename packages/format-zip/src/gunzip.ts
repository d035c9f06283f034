/**
 * Gzip streams one after the other (RFC 1952), with what follows them. Node's own gunzip throws away the end of the data when bytes that are
 * no gzip follow it, so the frames are read here and only the deflate between them is Node's.
 */
import { Readable } from "node:stream"
import { crc32, createInflateRaw } from "node:zlib"

const EXTRA = 4
const NAME = 8
const COMMENT = 16
const HEADER_CRC = 2
const CHUNK_BYTES = 65_536
const CUT = "the gzip data is cut short"

/** Bytes of the archive, pulled as they are needed; what was pulled too far is put back. */
class Source {
  private readonly chunks: AsyncIterator<Uint8Array>
  private readonly back: Array<Uint8Array> = []
  /** Bytes used up so far. */
  used = 0

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.chunks = chunks[Symbol.asyncIterator]()
  }

  async next(): Promise<Uint8Array | undefined> {
    const kept = this.back.pop()
    if (kept !== undefined) {
      this.used += kept.length
      return kept
    }
    for (;;) {
      const { done, value } = await this.chunks.next()
      if (done === true) return undefined
      if (value.length > 0) {
        this.used += value.length
        return value
      }
    }
  }

  putBack(chunk: Uint8Array): void {
    if (chunk.length === 0) return
    this.used -= chunk.length
    this.back.push(chunk)
  }

  /** Up to `size` bytes; fewer at the end. */
  async take(size: number): Promise<Buffer> {
    const parts: Array<Uint8Array> = []
    let missing = size
    while (missing > 0) {
      const chunk = await this.next()
      if (chunk === undefined) break
      const part = chunk.subarray(0, missing)
      parts.push(part)
      this.putBack(chunk.subarray(missing))
      missing -= part.length
    }
    return Buffer.concat(parts)
  }

  async close(): Promise<void> {
    await this.chunks.return?.()
  }
}

const exactly = async (source: Source, size: number): Promise<Buffer> => {
  const bytes = await source.take(size)
  if (bytes.length < size) throw new Error(CUT)
  return bytes
}

const readText = async (source: Source): Promise<Buffer> => {
  const bytes: Array<number> = []
  for (;;) {
    const [byte = 0] = await exactly(source, 1)
    if (byte === 0) return Buffer.from(bytes)
    bytes.push(byte)
  }
}

/** Reads a header, its ten first bytes given; the file name as raw bytes, if there is one. */
const readHeader = async (source: Source, fixed: Buffer): Promise<Buffer | undefined> => {
  if (fixed.length < 10) throw new Error(CUT)
  const [, , method = 0, flags = 0] = fixed
  if (method !== 8) throw new Error(`gzip method ${method} is not known`)
  if ((flags & EXTRA) !== 0) await exactly(source, (await exactly(source, 2)).readUInt16LE(0))
  const name = (flags & NAME) === 0 ? undefined : await readText(source)
  if ((flags & COMMENT) !== 0) await readText(source)
  if ((flags & HEADER_CRC) !== 0) await exactly(source, 2)
  return name
}

async function* inflate(source: Source): AsyncGenerator<Buffer> {
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
  const source = new Source(chunks)
  try {
    return await readHeader(source, await source.take(10))
  } finally {
    await source.close()
  }
}

/** What `gunzip` tells while it runs: after each chunk the bytes in and out so far; at the end, how many bytes that are no gzip follow. */
export interface GunzipWatch {
  readonly onProgress: (packed: number, unpacked: number) => void
  readonly onTrailing: (bytes: number) => void
}

/** Unpacks every stream of `chunks`, checking sizes and checksums. Zeros after the last are padding; other bytes are reported. */
export async function* gunzip(chunks: AsyncIterable<Uint8Array>, watch: GunzipWatch): AsyncGenerator<Buffer> {
  const source = new Source(chunks)
  let total = 0
  try {
    for (let first = true; ; first = false) {
      const fixed = await source.take(10)
      if (fixed[0] !== 0x1f || fixed[1] !== 0x8b) {
        if (first) throw new Error("the bytes are no gzip")
        const trailing = await countTrailing(source, fixed)
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
      const trailer = await exactly(source, 8)
      if (trailer.readUInt32LE(0) !== checksum) throw new Error("its checksum (CRC-32) is not that of its bytes")
      if (trailer.readUInt32LE(4) !== size % 2 ** 32) throw new Error("its size is not the one in its trailer")
    }
  } finally {
    await source.close()
  }
}

/** Bytes left, from the first that is not zero. */
const countTrailing = async (source: Source, head: Buffer): Promise<number> => {
  let count = 0
  for (let chunk: Uint8Array | undefined = head; chunk !== undefined; chunk = await source.next()) {
    if (count > 0) count += chunk.length
    else {
      const at = chunk.findIndex((byte) => byte !== 0)
      if (at !== -1) count = chunk.length - at
    }
  }
  return count
}
