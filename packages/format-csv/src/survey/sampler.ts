/** Samples of a stream: its head, its tail, and blocks spread over the rest. Sizes in bytes. */
export const HEAD = 256 * 1024
const BLOCK = 32 * 1024
const TAIL = 8 * 1024
const BLOCKS = 32

/** A copy, as the memory of the chunk may be used again; `slice` of a Buffer would be a view. */
const copyOf = (chunk: Uint8Array, start: number, end: number): Uint8Array =>
  Uint8Array.prototype.slice.call(chunk, start, end)

/** Keeps `BLOCK` bytes at every multiple of a stride that doubles when there are too many: no need to know the size beforehand. */
export const sampler = () => {
  const head: Array<Uint8Array> = []
  let blocks: Array<{ readonly at: number; readonly parts: Array<Uint8Array>; length: number }> = []
  let offset = 0
  let stride = 2 * HEAD
  let tail = Buffer.alloc(0)
  const addToBlocks = (chunk: Uint8Array) => {
    const end = offset + chunk.length
    for (let at = Math.max(stride, Math.ceil((offset - BLOCK + 1) / stride) * stride); at < end; at += stride) {
      let block = blocks.find((b) => b.at === at)
      if (block === undefined) {
        if (at < offset) continue
        block = { at, parts: [], length: 0 }
        blocks.push(block)
      }
      const from = at + block.length - offset
      const part = copyOf(chunk, from, Math.min(chunk.length, from + BLOCK - block.length))
      block.parts.push(part)
      block.length += part.length
    }
    while (blocks.length > BLOCKS * 2) {
      stride *= 2
      blocks = blocks.filter((b) => b.at % stride === 0)
    }
  }
  return {
    add: (chunk: Uint8Array) => {
      if (offset < HEAD) head.push(copyOf(chunk, 0, HEAD - offset))
      addToBlocks(chunk)
      tail = Buffer.concat([chunk.length < TAIL ? tail : tail.subarray(0, 0), chunk.subarray(-TAIL)]).subarray(-TAIL)
      offset += chunk.length
    },
    head: () => Buffer.concat(head),
    tail: () => tail,
    blocks: () => blocks.map((b) => Buffer.concat(b.parts)),
  }
}
