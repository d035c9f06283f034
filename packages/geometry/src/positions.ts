/** Coordinates of many geometries, one after the other: x, y, z in a row, so that no position is an object. */
export class Positions {
  /** Three numbers a position; the third is NaN where there is no height. */
  xyz = new Float64Array(3 * 1_024)
  /** Positions held. */
  length = 0

  clear(): void {
    this.length = 0
  }

  push(x: number, y: number, z: number): void {
    const at = this.length * 3
    if (at === this.xyz.length) this.grow()
    this.xyz[at] = x
    this.xyz[at + 1] = y
    this.xyz[at + 2] = z
    this.length++
  }

  /** Whether two positions are the same place, heights included. */
  same(a: number, b: number): boolean {
    const { xyz } = this
    return xyz[a * 3] === xyz[b * 3] && xyz[a * 3 + 1] === xyz[b * 3 + 1] && Object.is(xyz[a * 3 + 2], xyz[b * 3 + 2])
  }

  private grow(): void {
    const grown = new Float64Array(this.xyz.length * 2)
    grown.set(this.xyz)
    this.xyz = grown
  }
}
