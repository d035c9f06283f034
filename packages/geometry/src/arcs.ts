/** Circular arcs as lines of short pieces. */
import type { Positions } from "./positions.ts"

/** Of one piece, in radians: four degrees, as GDAL has it, which leaves the circle by 0.06 % of its radius. */
const STEP = (4 * Math.PI) / 180

/** Angles from `start` to `end`, by way of `middle`, without the ends. */
const between = (start: number, middle: number, end: number): ReadonlyArray<number> => {
  const turn = 2 * Math.PI
  const forward = (from: number, to: number): number => (((to - from) % turn) + turn) % turn
  const isLeft = forward(start, middle) <= forward(start, end)
  const sweep = isLeft ? forward(start, end) : -forward(end, start)
  const pieces = Math.ceil(Math.abs(sweep) / STEP)
  return Array.from({ length: pieces - 1 }, (_, piece) => start + (sweep * (piece + 1)) / pieces)
}

/**
 * Draws the arcs that the positions from `from` on describe: a start, a place on the way and an end, which starts the next one. An arc that ends where it
 * starts is a circle, the place on the way opposite. Heights go evenly from the start to the end.
 */
export const drawArcs = (positions: Positions, from: number): void => {
  const given = positions.xyz.slice(from * 3, positions.length * 3)
  positions.length = from
  const at = (index: number): readonly [number, number, number] => [
    given[index * 3] ?? 0,
    given[index * 3 + 1] ?? 0,
    given[index * 3 + 2] ?? 0,
  ]
  const count = given.length / 3
  if (count > 0) positions.push(...at(0))
  for (let arc = 0; arc + 2 < count; arc += 2) {
    const [[x0, y0, z0], [x1, y1], [x2, y2, z2]] = [at(arc), at(arc + 1), at(arc + 2)]
    const isCircle = x0 === x2 && y0 === y2
    // Measured from the first position, so that large coordinates lose nothing.
    const [ax, ay, bx, by] = [x1 - x0, y1 - y0, x2 - x0, y2 - y0]
    const twice = 2 * (ax * by - ay * bx)
    const [cx, cy] = isCircle
      ? [ax / 2, ay / 2]
      : [
          (by * (ax * ax + ay * ay) - ay * (bx * bx + by * by)) / twice,
          (ax * (bx * bx + by * by) - bx * (ax * ax + ay * ay)) / twice,
        ]
    const radius = Math.hypot(cx, cy)
    // Three places on one line: the arc is that line.
    if (!Number.isFinite(radius)) positions.push(...at(arc + 1))
    else {
      const start = Math.atan2(-cy, -cx)
      const angles = isCircle
        ? between(start, start + Math.PI / 2, start + 2 * Math.PI - 1e-12)
        : between(start, Math.atan2(ay - cy, ax - cx), Math.atan2(by - cy, bx - cx))
      angles.forEach((angle, index) => {
        const height = z0 + ((z2 - z0) * (index + 1)) / (angles.length + 1)
        positions.push(x0 + cx + radius * Math.cos(angle), y0 + cy + radius * Math.sin(angle), height)
      })
    }
    positions.push(...at(arc + 2))
  }
}
