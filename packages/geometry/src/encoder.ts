/** Geometries as cells: well-known binary in longitude and latitude of WGS 84, and the box around it; and what the file's geometries were, as facts. */
import { type Cell, type Column, GEOMETRY, type GeometryFacts, type JsonObject } from "@opendatahub-sql/core"
import { type Crs, WGS_84 } from "./crs/crs.ts"
import type { Positions } from "./positions.ts"
import { orientRings, ringProblem } from "./rings.ts"
import type { Shape } from "./shape.ts"
import { WkbWriter } from "./wkb.ts"

/** The columns of a geometry, in degrees; all NULL where there is none. */
export const GEOMETRY_COLUMNS = [
  { name: "geometry", type: "blob" },
  { name: "xmin", type: "double" },
  { name: "ymin", type: "double" },
  { name: "xmax", type: "double" },
  { name: "ymax", type: "double" },
] as const satisfies ReadonlyArray<Column>

/** Coordinates may miss the edge of the world by a rounding. In degrees. */
const SLACK = 1e-6

interface Box {
  readonly low: [number, number, number]
  readonly high: [number, number, number]
}

const emptyBox = (): Box => ({ low: [Infinity, Infinity, Infinity], high: [-Infinity, -Infinity, -Infinity] })

/** Encodes the geometries of one table. */
export class GeometryEncoder {
  /** The cells of the geometry encoded last, in the order of {@link GEOMETRY_COLUMNS}; the same list each time. */
  readonly cells: ReadonlyArray<Cell>
  private readonly row: Array<Cell> = GEOMETRY_COLUMNS.map(() => null)
  private readonly writer = new WkbWriter()
  private readonly checks: boolean
  private readonly box = emptyBox()
  private readonly whole = emptyBox()
  private readonly types = new Map<string, number>()
  private readonly sources = new Set<string>()
  private turned = 0

  /** `checks`: rings must be closed, and places be on Earth. */
  constructor(checks: boolean) {
    this.cells = this.row
    this.checks = checks
  }

  /** A row without a geometry. */
  none(): void {
    this.row.fill(null)
  }

  /** Encodes a shape, whose positions it changes. Says what is wrong with it when it cannot be taken. Without a position it is none. */
  encode(positions: Positions, of: Shape, crs: Crs): string | undefined {
    if (of.from === of.to) {
      this.none()
      return undefined
    }
    const broken = this.checks ? ringProblem(positions, of) : undefined
    if (broken !== undefined) return broken
    crs.toWgs84?.(positions, of.from, of.to)
    const misplaced = this.measure(positions, of, crs)
    if (misplaced !== undefined) return misplaced
    this.turned += orientRings(positions, of)
    const { low, high } = this.box
    const hasZ = high[2] !== -Infinity
    this.row[0] = this.writer.write(positions, of, hasZ)
    this.row[1] = low[0]
    this.row[2] = low[1]
    this.row[3] = high[0]
    this.row[4] = high[1]
    this.remember(hasZ ? `${of.type} Z` : of.type, crs)
    return undefined
  }

  /** What the geometries were; `column` of {@link GeometryFacts} as the events name it. */
  get facts(): JsonObject {
    const axes = this.whole.high[2] === -Infinity ? 2 : 3
    const geometry: GeometryFacts = {
      column: "geometry",
      crs: WGS_84,
      types: [...this.types.keys()].toSorted(),
      ...(this.types.size === 0 ? {} : { bbox: [...this.whole.low.slice(0, axes), ...this.whole.high.slice(0, axes)] }),
    }
    const [source, ...others] = this.sources
    return {
      [GEOMETRY]: { ...geometry },
      ...(source === undefined ? {} : { crs: others.length === 0 ? source : [source, ...others] }),
      ...(this.types.size === 0 ? {} : { geometryTypes: Object.fromEntries(this.types) }),
      ...(this.turned === 0 ? {} : { ringsTurned: this.turned }),
    }
  }

  private measure({ xyz }: Positions, { from, to }: Shape, crs: Crs): string | undefined {
    let west = Infinity
    let south = Infinity
    let bottom = Infinity
    let east = -Infinity
    let north = -Infinity
    let top = -Infinity
    for (let at = from * 3; at < to * 3; at += 3) {
      const x = xyz[at] ?? 0
      const y = xyz[at + 1] ?? 0
      const z = xyz[at + 2] ?? 0
      if (x < west) west = x
      if (x > east) east = x
      if (y < south) south = y
      if (y > north) north = y
      if (z < bottom) bottom = z
      if (z > top) top = z
      // NaN is neither: it would pass the comparisons in silence.
      if (!Number.isFinite(x + y))
        return crs.toWgs84 === undefined ? "a coordinate that is not finite" : `a place outside ${crs.name}`
    }
    if (this.checks && (west < -180 - SLACK || east > 180 + SLACK || south < -90 - SLACK || north > 90 + SLACK)) {
      const [x, y] = [west < -180 ? west : east, south < -90 ? south : north]
      return `${x}, ${y} is no longitude and latitude in degrees${crs.toWgs84 === undefined ? "; if the file is in another system, name it with the option `crs`" : ""}`
    }
    const { low, high } = this.box
    low[0] = west
    low[1] = south
    low[2] = bottom
    high[0] = east
    high[1] = north
    high[2] = top
    return undefined
  }

  private remember(type: string, crs: Crs): void {
    this.types.set(type, (this.types.get(type) ?? 0) + 1)
    this.sources.add(crs.name)
    for (let axis = 0; axis < 3; axis++) {
      const low = this.box.low[axis] ?? 0
      const high = this.box.high[axis] ?? 0
      if (low < (this.whole.low[axis] ?? 0)) this.whole.low[axis] = low
      if (high > (this.whole.high[axis] ?? 0)) this.whole.high[axis] = high
    }
  }
}
