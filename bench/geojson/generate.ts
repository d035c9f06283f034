/** Parcels and the addresses on them, half points and half polygons of 16 positions, as the land register publishes them. Counted while written. */
import { closeSync, openSync, writeSync } from "node:fs"
import { seeded } from "../measure/random.ts"

/** Exact figures of the file. */
export interface Oracle {
  readonly features: number
  readonly polygons: number
  readonly surface: number
  readonly inAjaccio: number
  /** Bytes of all geometries in well-known binary. */
  readonly geometryBytes: number
  /** Sums of the corners of all boxes, in 10^-7 degrees. */
  readonly west: bigint
  readonly north: bigint
}

const places = ["01001", "2A004", "75056", "97105"] as const
const POSITIONS = 16
const POINT_BYTES = 21
const POLYGON_BYTES = 13 + POSITIONS * 16

/** A coordinate of so many 10^-7 degrees, as text with seven decimals. */
const degrees = (units: number): string => {
  const digits = String(Math.abs(units)).padStart(8, "0")
  return `${units < 0 ? "-" : ""}${digits.slice(0, -7)}.${digits.slice(-7)}`
}

/** Writes at least `bytes` bytes. */
export const generate = (path: string, bytes: number, seed: number): Oracle => {
  const random = seeded(seed)
  const file = openSync(path, "w")
  let block = '{"type":"FeatureCollection","name":"parcelles","features":[\n'
  let written = 0
  let features = 0
  let polygons = 0
  let surface = 0
  let inAjaccio = 0
  let west = 0n
  let north = 0n
  while (written < bytes) {
    const x = random.below(80_000_000) - 10_000_000
    const y = 420_000_000 + random.below(80_000_000)
    const area = 1 + random.below(20_000)
    const commune = random.pick(places)
    const isPolygon = features % 2 === 1
    let geometry = `{"type":"Point","coordinates":[${degrees(x)},${degrees(y)}]}`
    let left = x
    let top = y
    if (isPolygon) {
      const size = 500 + random.below(5_000)
      const ring = Array.from({ length: POSITIONS - 1 }, (_, corner) => {
        const angle = (corner * 2 * Math.PI) / (POSITIONS - 1)
        const at = [x + Math.round(Math.cos(angle) * size), y + Math.round(Math.sin(angle) * size)] as const
        left = Math.min(left, at[0])
        top = Math.max(top, at[1])
        return `[${degrees(at[0])},${degrees(at[1])}]`
      })
      geometry = `{"type":"Polygon","coordinates":[[${[...ring, ring[0]].join(",")}]]}`
      polygons++
    }
    const properties = {
      id: `${commune}000AB${String(features).padStart(7, "0")}`,
      nature: random.pick(["Sols", "Prés", "Bois – taillis", "Jardins"]),
      commune,
      contenance: area,
      arpente: random.chance(0.5),
      created: `20${10 + random.below(14)}-0${1 + random.below(9)}-1${random.below(10)}`,
    }
    block += `${features === 0 ? "" : ",\n"}{"type":"Feature","properties":${JSON.stringify(properties)},"geometry":${geometry}}`
    features++
    surface += area
    if (commune === "2A004") inAjaccio++
    west += BigInt(left)
    north += BigInt(top)
    if (block.length > 1 << 20) {
      written += writeSync(file, block)
      block = ""
    }
  }
  writeSync(file, `${block}\n]}\n`)
  closeSync(file)
  const geometryBytes = polygons * POLYGON_BYTES + (features - polygons) * POINT_BYTES
  return { features, polygons, surface, inAjaccio, geometryBytes, west, north }
}
