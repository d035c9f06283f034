/**
 * Zstandard frames one after the other (RFC 8878). Node's decoder stops in silence after the first, so the frames are cut here, by the sizes of
 * their blocks, and only the decoding is Node's.
 */
import { Readable } from "node:stream"
import { createZstdDecompress } from "node:zlib"
import { PulledBytes, type Watch } from "./pulled-bytes.ts"

const CUT = "the zstd data is cut short"
const FRAME = 0xfd2fb528
const SKIPPABLE = 0x184d2a50
const RUN = 1
const CHUNK_BYTES = 65_536

/** A frame's bytes, its magic number read already. */
async function* frame(source: PulledBytes, magic: Uint8Array): AsyncGenerator<Uint8Array> {
  yield magic
  const descriptor = await source.exactly(1)
  yield descriptor
  const [flags = 0] = descriptor
  const isSingle = (flags & 0x20) !== 0
  const contentSize = [isSingle ? 1 : 0, 2, 4, 8][flags >> 6] ?? 0
  const dictionary = [0, 1, 2, 4][flags & 3] ?? 0
  yield await source.exactly((isSingle ? 0 : 1) + dictionary + contentSize)
  for (let last = false; !last;) {
    const header = await source.exactly(3)
    yield header
    const said = header.readUIntLE(0, 3)
    last = (said & 1) === 1
    yield await source.exactly(((said >> 1) & 3) === RUN ? 1 : said >> 3)
  }
  if ((flags & 4) !== 0) yield await source.exactly(4)
}

/** Unpacks every frame of `chunks`; checksums are Node's to check. Zeros after the last are padding; other bytes are reported. */
export async function* unzstd(chunks: AsyncIterable<Uint8Array>, watch: Watch): AsyncGenerator<Buffer> {
  const source = new PulledBytes(chunks, CUT)
  let total = 0
  try {
    for (let first = true; ; first = false) {
      const magic = await source.take(4)
      const said = magic.length === 4 ? magic.readUInt32LE(0) : 0
      if ((said & 0xfffffff0) >>> 0 === SKIPPABLE) {
        let left = (await source.exactly(4)).readUInt32LE(0)
        while (left > 0) left -= (await source.exactly(Math.min(left, CHUNK_BYTES))).length
        continue
      }
      if (said !== FRAME) {
        if (first) throw new Error("the bytes are no zstd")
        source.putBack(magic)
        const trailing = await source.trailing()
        if (trailing > 0) watch.onTrailing(trailing)
        return
      }
      const input = Readable.from(frame(source, magic), { objectMode: false, highWaterMark: CHUNK_BYTES })
      const stream = createZstdDecompress({ chunkSize: CHUNK_BYTES })
      input.on("error", (error) => stream.destroy(error))
      input.pipe(stream)
      try {
        for await (const chunk of stream as AsyncIterable<Buffer>) {
          total += chunk.length
          watch.onProgress(source.used, total)
          yield chunk
        }
      } finally {
        input.destroy()
        stream.destroy()
      }
    }
  } finally {
    await source.close()
  }
}
