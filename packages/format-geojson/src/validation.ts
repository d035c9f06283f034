/** Whether a feature is what RFC 7946 says: first by a library of its own, then by what that one lets pass. */
import { isFeature } from "geojson-validation"
import type { Positions, Shape } from "@opendatahub-sql/geometry"
import type { Feature } from "./feature.ts"

const MOST_WORDS = 500

type Position = ReadonlyArray<number>

const line = ({ xyz }: Positions, from: number, to: number): ReadonlyArray<Position> => {
  const positions: Array<Position> = []
  for (let at = from * 3; at < to * 3; at += 3) {
    const x = xyz[at] as number
    const y = xyz[at + 1] as number
    const z = xyz[at + 2] as number
    positions.push(Number.isNaN(z) ? [x, y] : [x, y, z])
  }
  return positions
}

/** The geometry as GeoJSON has it, out of what was read of a sound one: parsing the text again would cost twice as much. */
const geometryOf = (positions: Positions, shape: Shape): unknown => {
  const { type, from, to, lines, polygons, members } = shape
  if (type === "GeometryCollection") return { type, geometries: members.map((member) => geometryOf(positions, member)) }
  if (type === "Point") return { type, coordinates: line(positions, from, to)[0] ?? [] }
  if (type === "MultiPoint" || type === "LineString") return { type, coordinates: line(positions, from, to) }
  let at = from
  const all = lines.map((length) => line(positions, at, (at += length)))
  if (type !== "MultiPolygon") return { type, coordinates: all }
  let first = 0
  return { type, coordinates: polygons.map((rings) => all.slice(first, (first += rings))) }
}

const asFeature = (text: string, feature: Feature, positions: Positions, isBareGeometry: boolean): unknown => {
  const { shape } = feature
  // Coordinates without a position are no geometry (RFC 7946 §3.1), so they are not judged as one.
  const geometry = shape === undefined || shape.from === shape.to ? null : geometryOf(positions, shape)
  if (feature.broken === undefined && feature.irregular === undefined)
    return { type: "Feature", properties: null, geometry }
  const value: unknown = JSON.parse(text)
  return isBareGeometry ? { type: "Feature", properties: null, geometry: value } : value
}

/** What is wrong with a feature, in words; `undefined` when nothing is. `text` is its JSON. */
export const invalid = (
  text: string,
  feature: Feature,
  positions: Positions,
  isBareGeometry: boolean,
): string | undefined => {
  try {
    const errors = isFeature(asFeature(text, feature, positions, isBareGeometry), true)
    if (errors.length > 0) return errors.join("; ").slice(0, MOST_WORDS)
  } catch {
    // It trips over what it did not foresee, such as a ring that is no list: our own checks name those.
    return feature.broken ?? feature.irregular ?? "not a valid feature"
  }
  return feature.irregular
}
