/** The right-hand rule (RFC 7946 §3.1.6): outer rings turn counterclockwise, holes clockwise. */
import type { Positions } from "./positions.ts"
import { forEachRing, type Shape } from "./shape.ts"

/** Twice the signed area of a ring, positive when counterclockwise. Measured from its first position, so that large coordinates lose nothing. */
const turn = ({ xyz }: Positions, from: number, to: number): number => {
  const x0 = xyz[from * 3] ?? 0
  const y0 = xyz[from * 3 + 1] ?? 0
  let sum = 0
  let x = 0
  let y = 0
  for (let at = from * 3 + 3; at < to * 3; at += 3) {
    const nextX = (xyz[at] ?? 0) - x0
    const nextY = (xyz[at + 1] ?? 0) - y0
    sum += x * nextY - nextX * y
    x = nextX
    y = nextY
  }
  return sum
}

const reverse = ({ xyz }: Positions, from: number, to: number): void => {
  for (let low = from * 3, high = to * 3 - 3; low < high; low += 3, high -= 3) {
    for (let axis = 0; axis < 3; axis++) {
      const kept = xyz[low + axis] ?? 0
      xyz[low + axis] = xyz[high + axis] ?? 0
      xyz[high + axis] = kept
    }
  }
}

/** Turns the rings that go the wrong way, in place; gives their number. Rings without an area stay. */
export const orientRings = (positions: Positions, of: Shape): number => {
  let turned = 0
  forEachRing(of, (from, to, isOuter) => {
    const area = turn(positions, from, to)
    if (area === 0 || area > 0 === isOuter) return
    reverse(positions, from, to)
    turned++
  })
  return turned
}

/** What is wrong with the rings, in words; `undefined` when each has four positions or more and ends where it began. */
export const ringProblem = (positions: Positions, of: Shape): string | undefined => {
  let problem: string | undefined
  forEachRing(of, (from, to) => {
    if (to - from < 4) problem ??= `a ring of ${to - from} positions, 4 at least`
    else if (!positions.same(from, to - 1)) problem ??= "a ring that does not end where it began"
  })
  return problem
}
