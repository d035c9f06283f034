/**
 * Reads well-known binary in its three dialects: plain, ISO (1000 for heights, 2000 for measures), and with flags (EWKB). Measures are left out;
 * curves become lines, surfaces polygons (ISO 19125 §4, SQL/MM part 3 for the codes), as most readers of GeoParquet know neither.
 */
import { drawArcs } from "./arcs.ts"
import type { Positions } from "./positions.ts"
import { GEOMETRY_TYPES, type GeometryType, type Shape, shape } from "./shape.ts"

const DEEPEST = 32

/** Codes beyond those of {@link GEOMETRY_TYPES}, and what each becomes. */
const BECOMES: ReadonlyMap<number, GeometryType> = new Map([
  [8, "LineString"], // CircularString
  [9, "LineString"], // CompoundCurve
  [10, "Polygon"], // CurvePolygon
  [11, "MultiLineString"], // MultiCurve
  [12, "MultiPolygon"], // MultiSurface
  [15, "MultiPolygon"], // PolyhedralSurface
  [16, "MultiPolygon"], // TIN
  [17, "Polygon"], // Triangle
])
const CIRCULAR_STRING = 8
const COMPOUND_CURVE = 9
const CURVE_POLYGON = 10

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
    const kind = plain % 1_000
    const type = GEOMETRY_TYPES[kind - 1] ?? BECOMES.get(kind)
    if (type === undefined) throw new RangeError(`a geometry of type ${plain}, which is not known`)
    const from = this.positions.length
    const lines: Array<number> = []
    const polygons: Array<number> = []
    const members: Array<Shape> = []
    if (type === "Point") this.points(1, little, hasZ, hasM)
    else if (kind === COMPOUND_CURVE) this.compound(little, depth)
    else if (kind === CURVE_POLYGON) {
      for (let left = this.count(little); left > 0; left--) {
        const ring = this.geometry(depth + 1)
        lines.push(ring.to - ring.from)
      }
    } else if (type === "LineString") this.points(this.count(little), little, hasZ, hasM)
    else if (type === "Polygon") this.rings(lines, little, hasZ, hasM)
    else {
      for (let left = this.count(little); left > 0; left--) members.push(this.geometry(depth + 1))
      for (const member of members) {
        if (type === "MultiPolygon") polygons.push(member.lines.length)
        if (type === "MultiLineString") lines.push(member.to - member.from)
        else lines.push(...member.lines)
      }
    }
    if (kind === CIRCULAR_STRING) drawArcs(this.positions, from)
    const isEmptyPoint = type === "Point" && Number.isNaN(this.positions.xyz[from * 3])
    if (isEmptyPoint) this.positions.length = from
    const to = this.positions.length
    return type === "GeometryCollection"
      ? shape(type, from, to, { members })
      : shape(type, from, to, { lines, polygons })
  }

  /** Curves that continue each other: where one begins stands already. */
  private compound(little: boolean, depth: number): void {
    for (let left = this.count(little), isFirst = true; left > 0; left--, isFirst = false) {
      const { from, to } = this.geometry(depth + 1)
      if (isFirst || from === to) continue
      this.positions.xyz.copyWithin(from * 3, from * 3 + 3, to * 3)
      this.positions.length--
    }
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
