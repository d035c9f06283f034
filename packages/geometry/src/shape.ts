/** A geometry over positions that lie elsewhere. */

/** In the order of their codes in well-known binary, from 1. */
export const GEOMETRY_TYPES = [
  "Point",
  "LineString",
  "Polygon",
  "MultiPoint",
  "MultiLineString",
  "MultiPolygon",
  "GeometryCollection",
] as const

/** The types of GeoJSON and of simple features. */
export type GeometryType = (typeof GEOMETRY_TYPES)[number]

/** Positions `from` to `to` as one geometry. */
export interface Shape {
  readonly type: GeometryType
  readonly from: number
  readonly to: number
  /** Positions in each line or ring, in order: of MultiLineString, Polygon and MultiPolygon. */
  readonly lines: ReadonlyArray<number>
  /** Rings of each polygon of a MultiPolygon. */
  readonly polygons: ReadonlyArray<number>
  /** Of a GeometryCollection. */
  readonly members: ReadonlyArray<Shape>
}

const NONE: ReadonlyArray<never> = []

/** A shape; what its type does not have is left out. */
export const shape = (
  type: GeometryType,
  from: number,
  to: number,
  parts: Partial<Pick<Shape, "lines" | "polygons" | "members">> = {},
): Shape => ({
  type,
  from,
  to,
  lines: parts.lines ?? NONE,
  polygons: parts.polygons ?? NONE,
  members: parts.members ?? NONE,
})

/** Calls `ring` for each ring: its positions, and whether it is the outer one of its polygon. */
export const forEachRing = (of: Shape, ring: (from: number, to: number, isOuter: boolean) => void): void => {
  if (of.type === "GeometryCollection") for (const member of of.members) forEachRing(member, ring)
  if (of.type !== "Polygon" && of.type !== "MultiPolygon") return
  const polygons = of.type === "Polygon" ? [of.lines.length] : of.polygons
  let at = of.from
  let line = 0
  for (const rings of polygons) {
    for (let index = 0; index < rings; index++) {
      const to = at + (of.lines[line++] ?? 0)
      ring(at, to, index === 0)
      at = to
    }
  }
}
