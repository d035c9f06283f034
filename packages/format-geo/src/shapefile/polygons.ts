/** Rings of a shapefile into polygons: outer rings turn clockwise there, holes counterclockwise, in any order (ESRI technical description, 1998, p. 8). */
import type { Positions } from "@opendatahub-sql/geometry"

/** Positions `from` to `to`; `area` is signed, positive counterclockwise. */
interface Ring {
  readonly from: number
  readonly to: number
  readonly area: number
}

const areaOf = ({ xyz }: Positions, from: number, to: number): number => {
  const x0 = xyz[from * 3] ?? 0
  const y0 = xyz[from * 3 + 1] ?? 0
  let sum = 0
  for (let at = from; at + 1 < to; at++) {
    const [x, y] = [(xyz[at * 3] ?? 0) - x0, (xyz[at * 3 + 1] ?? 0) - y0]
    const [nextX, nextY] = [(xyz[at * 3 + 3] ?? 0) - x0, (xyz[at * 3 + 4] ?? 0) - y0]
    sum += x * nextY - nextX * y
  }
  return sum / 2
}

/** 1 inside, 0 on the edge, -1 outside. */
const placeIn = ({ xyz }: Positions, { from, to }: Ring, x: number, y: number): number => {
  let inside = false
  for (let at = from; at + 1 < to; at++) {
    const [ax, ay, bx, by] = [xyz[at * 3] ?? 0, xyz[at * 3 + 1] ?? 0, xyz[at * 3 + 3] ?? 0, xyz[at * 3 + 4] ?? 0]
    const cross = (bx - ax) * (y - ay) - (x - ax) * (by - ay)
    if (cross === 0 && Math.min(ax, bx) <= x && x <= Math.max(ax, bx) && Math.min(ay, by) <= y && y <= Math.max(ay, by))
      return 0
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside
  }
  return inside ? 1 : -1
}

/** Whether a ring lies in another: decided by its first position that is not on the other's edge. */
const contains = (positions: Positions, outer: Ring, ring: Ring): boolean => {
  for (let at = ring.from; at < ring.to; at++) {
    const place = placeIn(positions, outer, positions.xyz[at * 3] ?? 0, positions.xyz[at * 3 + 1] ?? 0)
    if (place !== 0) return place === 1
  }
  return true
}

/** The rings of each polygon, the outer one first. A hole goes to the smallest ring around it; one without such a ring is a polygon itself. */
export const polygonsOf = (
  positions: Positions,
  lengths: ReadonlyArray<number>,
): ReadonlyArray<ReadonlyArray<Ring>> => {
  let at = 0
  const rings = lengths.map((length): Ring => ({
    from: at,
    to: (at += length),
    area: areaOf(positions, at - length, at),
  }))
  const outer = rings.filter(({ area }) => area <= 0)
  // Nothing but holes: their writer did not know the rule.
  if (outer.length === 0 || rings.length === 1) return rings.map((ring) => [ring])
  const polygons = new Map(outer.map((ring) => [ring, [ring]]))
  for (const ring of rings) {
    if (ring.area <= 0) continue
    const around =
      outer.length === 1 ? outer : outer.filter((other) => -other.area >= ring.area && contains(positions, other, ring))
    const smallest = around.toSorted((a, b) => b.area - a.area)[0]
    if (smallest === undefined) polygons.set(ring, [ring])
    else polygons.get(smallest)?.push(ring)
  }
  return [...polygons.values()]
}
