/** Samples of a stream: its head, its tail, and blocks spread over the rest. Sizes in bytes. */
export const HEAD = 256 * 1024
/** The head goes on until it has some lines, CRLF counted twice, up to this: names may be long, and there may be thousands. */
const LONGEST_HEAD = 4 * 1024 * 1024
const LINE_ENDS = 6
const LF = 10
const CR = 13
const BLOCK = 32 * 1024
const TAIL = 8 * 1024
const BLOCKS = 32

/** A copy, as the memory of the chunk may be used again; `slice` of a Buffer would be a view. */
const copyOf = (chunk: Uint8Array, start: number, end: number): Uint8Array =>
  Uint8Array.prototype.slice.call(chunk, start, end)

/** Keeps `BLOCK` bytes at every multiple of a stride that doubles when there are too many: no need to know the size beforehand. */
export const sampler = () => {
  const head: Array<Uint8Array> = []
  let headBytes = 0
  let lineEnds = 0
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
  const addToHead = (chunk: Uint8Array) => {
    if (headBytes < offset) return
    let end = 0
    for (; end < chunk.length && lineEnds < LINE_ENDS && offset + end < LONGEST_HEAD; end++)
      if (chunk[end] === LF || chunk[end] === CR) lineEnds++
    end = Math.max(end, Math.min(chunk.length, HEAD - offset))
    head.push(copyOf(chunk, 0, end))
    headBytes += end
  }
  return {
    add: (chunk: Uint8Array) => {
      addToHead(chunk)
      addToBlocks(chunk)
      tail = Buffer.concat([chunk.length < TAIL ? tail : tail.subarray(0, 0), chunk.subarray(-TAIL)]).subarray(-TAIL)
      offset += chunk.length
    },
    head: () => Buffer.concat(head),
    tail: () => tail,
    blocks: () => blocks.map((b) => Buffer.concat(b.parts)),
  }
}
