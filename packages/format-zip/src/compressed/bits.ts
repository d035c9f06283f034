/** Bits of bytes that are in memory, the highest first. */

/** The most bits of one reading. */
const MOST_BITS = 24

export class Bits {
  private bytes: Uint8Array = new Uint8Array(0)
  private at = 0
  private kept = 0
  private count = 0
  private readonly cut: string

  /** `cut` is the message of the error when bits are missing. */
  constructor(cut: string) {
    this.cut = cut
  }

  /** The next 24 bits without using them up; zeros stand in for what is missing. */
  peek(): number {
    while (this.count < MOST_BITS) {
      this.kept = (this.kept << 8) | (this.bytes[this.at++] ?? 0)
      this.count += 8
    }
    return (this.kept >>> (this.count - MOST_BITS)) & 0xffffff
  }

  /** Uses up bits that were looked at; throws when they were not there. */
  skip(size: number): void {
    this.count -= size
    if (this.at * 8 - this.count > this.bytes.length * 8) throw new Error(this.cut)
  }

  /** `size` bits, 24 at most; throws when there are fewer. */
  read(size: number): number {
    const bits = this.peek() >>> (MOST_BITS - size)
    this.skip(size)
    return bits
  }

  /** Uses up the rest of a byte that was begun. */
  align(): void {
    this.count -= this.count % 8
  }

  /** Bytes that were not begun. */
  rest(): Uint8Array {
    return this.bytes.subarray(Math.min(this.bytes.length, this.at - (this.count >> 3)))
  }

  /** Reads on in `bytes`, which begin with {@link rest}. */
  continueWith(bytes: Uint8Array): void {
    this.at = 0
    this.bytes = bytes
    const begun = this.count % 8
    // Whole bytes that were taken already are at the head of the new ones.
    this.kept >>>= this.count - begun
    this.count = begun
  }
}
