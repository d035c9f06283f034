/**
 * Well-known binary, little-endian, in the ISO form (OGC 06-103r4 §8, ISO 19125): with heights, 1000 is added to the code of the type. GeoParquet
 * 1.1 asks for it.
 */
import type { Positions } from "./positions.ts"
import { GEOMETRY_TYPES, type GeometryType, type Shape } from "./shape.ts"

const HEAD = 5

/** Bytes are handed out of blocks of this size: a buffer for each geometry would cost more than the geometry. */
const BLOCK_BYTES = 262_144

const sizeOf = (of: Shape, hasZ: boolean): number => {
  const positions = (of.to - of.from) * (hasZ ? 24 : 16)
  switch (of.type) {
    case "Point":
      return HEAD + positions
    case "LineString":
      return HEAD + 4 + positions
    case "Polygon":
      return HEAD + 4 + of.lines.length * 4 + positions
    case "MultiPoint":
      return HEAD + 4 + (of.to - of.from) * HEAD + positions
    case "MultiLineString":
      return HEAD + 4 + of.lines.length * (HEAD + 4) + positions
    case "MultiPolygon":
      return HEAD + 4 + of.polygons.length * (HEAD + 4) + of.lines.length * 4 + positions
    case "GeometryCollection":
      return of.members.reduce((sum, member) => sum + sizeOf(member, hasZ), HEAD + 4)
  }
}

/** Writes geometries; the bytes it gave stay as they are. */
export class WkbWriter {
  private block = new DataView(new ArrayBuffer(BLOCK_BYTES))
  private at = 0
  private hasZ = false

  /** With heights, all of its positions have one: NaN where the file says none. */
  write(positions: Positions, of: Shape, hasZ: boolean): Uint8Array {
    const size = sizeOf(of, hasZ)
    this.hasZ = hasZ
    if (this.at + size > this.block.byteLength) {
      this.block = new DataView(new ArrayBuffer(Math.max(BLOCK_BYTES, size)))
      this.at = 0
    }
    const start = this.at
    this.shape(positions, of)
    return new Uint8Array(this.block.buffer, start, size)
  }

  private head(type: GeometryType): void {
    this.block.setUint8(this.at, 1)
    this.block.setUint32(this.at + 1, GEOMETRY_TYPES.indexOf(type) + 1 + (this.hasZ ? 1_000 : 0), true)
    this.at += HEAD
  }

  private count(count: number): void {
    this.block.setUint32(this.at, count, true)
    this.at += 4
  }

  private positions({ xyz }: Positions, from: number, to: number): void {
    const { block, hasZ } = this
    let { at } = this
    for (let index = from * 3; index < to * 3; index += 3) {
      block.setFloat64(at, xyz[index] ?? 0, true)
      block.setFloat64(at + 8, xyz[index + 1] ?? 0, true)
      at += 16
      if (!hasZ) continue
      block.setFloat64(at, xyz[index + 2] ?? 0, true)
      at += 8
    }
    this.at = at
  }

  private shape(positions: Positions, of: Shape): void {
    const { type, from, to, lines } = of
    this.head(type)
    if (type === "Point") return this.positions(positions, from, to)
    if (type === "LineString") {
      this.count(to - from)
      return this.positions(positions, from, to)
    }
    if (type === "GeometryCollection") {
      this.count(of.members.length)
      for (const member of of.members) this.shape(positions, member)
      return
    }
    if (type === "MultiPoint") {
      this.count(to - from)
      for (let at = from; at < to; at++) {
        this.head("Point")
        this.positions(positions, at, at + 1)
      }
      return
    }
    let at = from
    let line = 0
    const someLines = (count: number, asLineStrings: boolean): void => {
      for (let n = 0; n < count; n++) {
        const length = lines[line++] ?? 0
        if (asLineStrings) this.head("LineString")
        this.count(length)
        this.positions(positions, at, at + length)
        at += length
      }
    }
    if (type === "MultiPolygon") {
      this.count(of.polygons.length)
      for (const rings of of.polygons) {
        this.head("Polygon")
        this.count(rings)
        someLines(rings, false)
      }
      return
    }
    this.count(lines.length)
    someLines(lines.length, type === "MultiLineString")
  }
}
