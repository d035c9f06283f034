/** Bytes of a compressed file, pulled as they are needed; what was pulled too far is put back. */

export class PulledBytes {
  private readonly chunks: AsyncIterator<Uint8Array>
  private readonly back: Array<Uint8Array> = []
  private readonly cut: string
  /** Bytes used up so far. */
  used = 0

  /** `cut` is the message of the error when bytes are missing. */
  constructor(chunks: AsyncIterable<Uint8Array>, cut: string) {
    this.chunks = chunks[Symbol.asyncIterator]()
    this.cut = cut
  }

  /** The next bytes, never none; `undefined` at the end. */
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

  /** `size` bytes, or an error that says that the data is cut short. */
  async exactly(size: number): Promise<Buffer> {
    const bytes = await this.take(size)
    if (bytes.length < size) throw new Error(this.cut)
    return bytes
  }

  /** Reads to the end: how many bytes are left, from the first that is not zero. Zeros are padding. */
  async trailing(): Promise<number> {
    let count = 0
    for (let chunk = await this.next(); chunk !== undefined; chunk = await this.next()) {
      if (count > 0) count += chunk.length
      else {
        const at = chunk.findIndex((byte) => byte !== 0)
        if (at !== -1) count = chunk.length - at
      }
    }
    return count
  }

  async close(): Promise<void> {
    await this.chunks.return?.()
  }
}

/** What an unpacker tells while it runs: after each chunk the bytes in and out so far; at the end, how many bytes of something else follow. */
export interface Watch {
  readonly onProgress: (packed: number, unpacked: number) => void
  readonly onTrailing: (bytes: number) => void
}
