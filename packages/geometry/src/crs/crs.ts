/** What coordinates mean, and how they become longitude and latitude in WGS 84. */
import { createRequire } from "node:module"
import type proj4 from "proj4"
import type { Positions } from "../positions.ts"
import { definitionOf } from "./definitions.ts"

/** The one that all our geometries are in: longitude, latitude, in degrees of WGS 84. */
export const WGS_84 = "OGC:CRS84"

/** A coordinate system of a file. */
export interface Crs {
  /** `EPSG:2154`, `OGC:CRS84`, or the parameters it was given by. */
  readonly name: string
  /** Makes positions `from` to `to` longitude and latitude, in place; heights stay. What lies outside the projection becomes NaN. `undefined`: they are. */
  readonly toWgs84: ((positions: Positions, from: number, to: number) => void) | undefined
}

const DEGREES = "+proj=longlat +datum=WGS84 +no_defs"

/** Names by the mapping agency IGN, for the same systems. */
const IGNF: Readonly<Record<string, number>> = {
  WGS84G: 4326,
  RGF93G: 4171,
  LAMB93: 2154,
  RGF93LAMB93: 2154,
  LAMBE: 27572,
  RGAF09UTM20: 5490,
  UTM22RGFG95: 2972,
  RGR92UTM40S: 2975,
  RGM04UTM38S: 4471,
  RGSPM06U21: 4467,
}

/** The EPSG code of an identifier in any of its spellings: `EPSG:2154`, `urn:ogc:def:crs:EPSG::2154`, `http://www.opengis.net/def/crs/EPSG/0/2154`… */
const epsgOf = (identifier: string): number | undefined => {
  if (/(?:^|[:/])(?:OGC[:/])?(?:[\d.]*[:/])?CRS84h?$/i.test(identifier)) return 4326
  const ignf = /^(?:urn:ogc:def:crs:)?IGNF:{1,2}(\w+)$/i.exec(identifier)?.[1]?.toUpperCase()
  if (ignf !== undefined) return IGNF[ignf] ?? (ignf.startsWith("RGF93CC") ? 3900 + Number(ignf.slice(7)) : undefined)
  const code =
    /EPSG(?:\.xml)?[:/#](?:[\d.]*[:/])?(\d+)(?!\d)/i.exec(identifier)?.[1] ?? /^(\d{4,6})$/.exec(identifier)?.[1]
  return code === undefined ? undefined : Number(code)
}

/** Loaded with the first file that is not in degrees: it would cost every start of a program 20 ms. */
const projections = (): typeof proj4 => createRequire(import.meta.url)("proj4") as typeof proj4

const transformer = (definition: string): Crs["toWgs84"] => {
  const converter = projections()(definition, DEGREES)
  const point: [number, number] = [0, 0]
  return ({ xyz }, from, to) => {
    for (let at = from * 3; at < to * 3; at += 3) {
      point[0] = xyz[at] ?? 0
      point[1] = xyz[at + 1] ?? 0
      const [longitude, latitude] = converter.forward(point)
      xyz[at] = longitude
      xyz[at + 1] = latitude
    }
  }
}

/** A system by PROJ parameters or well-known text; `undefined` when the projection is not known. */
export const crsOfParameters = (name: string, parameters: string): Crs | undefined => {
  try {
    return { name, toWgs84: transformer(parameters) }
  } catch {
    return undefined
  }
}

const known = new Map<string, Crs>()

const make = (identifier: string): Crs | undefined => {
  // Parameters as PROJ writes them, for a system that is not in the table.
  if (identifier.startsWith("+proj=")) return crsOfParameters(identifier, identifier)
  const epsg = epsgOf(identifier)
  const definition = epsg === undefined ? undefined : definitionOf(epsg)
  if (epsg === undefined || definition === undefined) return undefined
  const name = /CRS84h?$/i.test(identifier) ? WGS_84 : `EPSG:${epsg}`
  return { name, toWgs84: definition === "degrees" ? undefined : transformer(definition) }
}

/** The system of an identifier (EPSG in all its spellings, CRS84, IGNF) or of PROJ parameters (`+proj=…`); `undefined` when it is not known. */
export const crsOf = (identifier: string): Crs | undefined => {
  const found = known.get(identifier) ?? make(identifier.trim())
  if (found !== undefined) known.set(identifier, found)
  return found
}
