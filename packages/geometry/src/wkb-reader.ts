/** Reads well-known binary in its three dialects: plain, ISO (1000 for heights, 2000 for measures), and with flags (EWKB). Measures are left out. */
import type { Positions } from "./positions.ts"
import { GEOMETRY_TYPES, type Shape, shape } from "./shape.ts"

const DEEPEST = 32

class Reader {
  private readonly view: DataView
  private readonly positions: Positions
  private at = 0

  constructor(bytes: Uint8Array, positions: Positions) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.positions = positions
  }

  geometry(depth = 0): Shape {
    if (depth > DEEPEST) throw new RangeError(`collections nested deeper than ${DEEPEST} levels`)
    const little = this.view.getUint8(this.at) === 1
    const code = this.view.getUint32(this.at + 1, little)
    this.at += 5
    if ((code & 0x2000_0000) !== 0) this.at += 4
    const plain = code & 0x0fff_ffff
    const hasZ = (code & 0x8000_0000) !== 0 || Math.floor(plain / 1_000) % 2 === 1
    const hasM = (code & 0x4000_0000) !== 0 || plain >= 2_000
    const type = GEOMETRY_TYPES[(plain % 1_000) - 1]
    if (type === undefined) throw new RangeError(`a geometry of type ${plain}: curves and surfaces are not read`)
    const from = this.positions.length
    const lines: Array<number> = []
    const polygons: Array<number> = []
    const members: Array<Shape> = []
    if (type === "Point") this.points(1, little, hasZ, hasM)
    else if (type === "LineString") this.points(this.count(little), little, hasZ, hasM)
    else if (type === "Polygon") this.rings(lines, little, hasZ, hasM)
    else {
      for (let left = this.count(little); left > 0; left--) members.push(this.geometry(depth + 1))
      for (const member of members) {
        if (type === "MultiPolygon") polygons.push(member.lines.length)
        if (type === "MultiLineString") lines.push(member.to - member.from)
        else lines.push(...member.lines)
      }
    }
    const isEmptyPoint = type === "Point" && Number.isNaN(this.positions.xyz[from * 3])
    if (isEmptyPoint) this.positions.length = from
    const to = this.positions.length
    return type === "GeometryCollection"
      ? shape(type, from, to, { members })
      : shape(type, from, to, { lines, polygons })
  }

  private count(little: boolean): number {
    this.at += 4
    return this.view.getUint32(this.at - 4, little)
  }

  private rings(lines: Array<number>, little: boolean, hasZ: boolean, hasM: boolean): void {
    for (let left = this.count(little); left > 0; left--) {
      const count = this.count(little)
      lines.push(count)
      this.points(count, little, hasZ, hasM)
    }
  }

  private points(count: number, little: boolean, hasZ: boolean, hasM: boolean): void {
    const size = 16 + (hasZ ? 8 : 0) + (hasM ? 8 : 0)
    if (this.at + count * size > this.view.byteLength) throw new RangeError("a geometry that stops short")
    for (let n = 0; n < count; n++, this.at += size) {
      const z = hasZ ? this.view.getFloat64(this.at + 16, little) : Number.NaN
      this.positions.push(this.view.getFloat64(this.at, little), this.view.getFloat64(this.at + 8, little), z)
    }
  }
}

/** The shape of well-known binary, its positions added to `positions`. Throws a RangeError when the bytes are none. */
export const readWkb = (bytes: Uint8Array, positions: Positions): Shape => new Reader(bytes, positions).geometry()
