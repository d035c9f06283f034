/** Bzip2 streams one after the other, one block of at most 900 kB in memory at a time. */
import { Bits } from "./bits.ts"
import { readBlock, Unfolding } from "./bzip2-block.ts"
import { PulledBytes, type Watch } from "./pulled-bytes.ts"

const CUT = "the bzip2 data is cut short"
const CHUNK_BYTES = 65_536
/** More than the longest block takes: 18,002 groups of 50 symbols of 20 bits, and its tables. */
const ENOUGH_BYTES = 2_500_000

const BLOCK = [0x314159, 0x265359]
const END = [0x177245, 0x385090]

/** Unpacks every stream of `chunks`, checking the checksum of each block. Zeros after the last are padding; other bytes are reported. */
export async function* bunzip2(chunks: AsyncIterable<Uint8Array>, watch: Watch): AsyncGenerator<Uint8Array> {
  const source = new PulledBytes(chunks, CUT)
  const bits = new Bits(CUT)
  let ended = false
  let unpacked = 0

  const gather = async (): Promise<void> => {
    let size = bits.rest().length
    if (ended || size >= ENOUGH_BYTES) return
    const parts = [bits.rest()]
    while (size < 2 * ENOUGH_BYTES) {
      const chunk = await source.next()
      if (chunk === undefined) {
        ended = true
        break
      }
      parts.push(chunk)
      size += chunk.length
    }
    bits.continueWith(Buffer.concat(parts))
  }

  try {
    for (let first = true; ; first = false) {
      await gather()
      const [b, z, h, level = 0] = bits.rest()
      if (b !== 0x42 || z !== 0x5a || h !== 0x68 || level < 0x31 || level > 0x39) {
        if (first) throw new Error("the bytes are no bzip2")
        source.putBack(bits.rest())
        const trailing = await source.trailing()
        if (trailing > 0) watch.onTrailing(trailing)
        return
      }
      bits.read(16)
      bits.read(16)
      const links = new Uint32Array((level - 0x30) * 100_000)
      let combined = 0
      for (;;) {
        await gather()
        const high = bits.read(24)
        const low = bits.read(24)
        const checksum = ((bits.read(16) << 16) | bits.read(16)) >>> 0
        if (high === END[0] && low === END[1]) {
          if (checksum !== combined) throw new Error("its checksum is not that of its bytes")
          bits.align()
          break
        }
        if (high !== BLOCK[0] || low !== BLOCK[1]) throw new Error("its bzip2 data is damaged (no block begins)")
        const unfolding = new Unfolding(links, readBlock(bits, links))
        for (let full = true; full;) {
          const out = Buffer.allocUnsafe(CHUNK_BYTES)
          const size = unfolding.fill(out)
          full = size === CHUNK_BYTES
          unpacked += size
          watch.onProgress(source.used - bits.rest().length, unpacked)
          if (size > 0) yield out.subarray(0, size)
        }
        if (unfolding.checksum !== checksum) throw new Error("its checksum is not that of its bytes")
        combined = (((combined << 1) | (combined >>> 31)) ^ checksum) >>> 0
      }
    }
  } finally {
    await source.close()
  }
}
