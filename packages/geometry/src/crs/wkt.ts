/** Coordinate systems by the text that a `.prj` file holds (well-known text, in the dialects of ESRI, of GDAL and of OGC). */
import { type Crs, crsOf, crsOfParameters } from "./crs.ts"

/** Names without blanks and signs, and the code they stand for; a name says the datum, which the numbers often do not. */
const NAMES: ReadonlyArray<readonly [RegExp, (found: RegExpExecArray) => number]> = [
  [/lambert93/, () => 2154],
  [/(?:rgf93|rgf1993).*cc(4[2-9]|50)/, (found) => 3900 + Number(found[1])],
  [
    /^(?:ntf)?(?:paris)?(?:ntf)?(?:lambert|france)(?:zone)?(iv|iii|ii|i)(?:etendu|carto)?$/,
    (found) => 27570 + zoneOf(found[1]),
  ],
  [/lambert.*etendu/, () => 27572],
  [/rgaf09.*utm(?:zone)?20n/, () => 5490],
  [/rraf(?:19)?91.*utm(?:zone)?20n/, () => 4559],
  [/rgfg(?:19)?95.*utm(?:zone)?22n/, () => 2972],
  [/rgr(?:19)?92.*utm(?:zone)?40s/, () => 2975],
  [/rgm(?:20)?04.*utm(?:zone)?38s/, () => 4471],
  [/rgspm(?:20)?06.*utm(?:zone)?21n/, () => 4467],
  [/etrs(?:19)?89.*utm(?:zone)?(2[89]|3[0-8])n/, (found) => 25800 + Number(found[1])],
  [/wgs(?:19)?84.*utm(?:zone)?(\d{1,2})([ns])/, (found) => (found[2] === "n" ? 32600 : 32700) + Number(found[1])],
  [/(?:web|pseudo)mercator|wgs1984webmercatorauxiliarysphere/, () => 3857],
]

const zoneOf = (roman: string | undefined): number => ["i", "ii", "iii", "iv"].indexOf(roman ?? "") + 1

/** Ellipsoids of datums that are WGS 84 within a metre: WGS 84's own and GRS 80, by their axis and flattening. */
const isModern = (wkt: string): boolean => {
  const [, axis, flattening] = /(?:SPHEROID|ELLIPSOID)\s*\[\s*"[^"]*"\s*,\s*([\d.]+)\s*,\s*([\d.]+)/i.exec(wkt) ?? []
  return Number(axis) === 6_378_137 && Math.abs(Number(flattening) - 298.257_22) < 0.000_1
}

/**
 * The system of a well-known text: by its EPSG code, by its name, else by its parameters if its datum is WGS 84 within a metre; `undefined`
 * when the datum is another one, whose shift the text does not tell.
 */
export const crsOfWkt = (wkt: string): Crs | undefined => {
  const text = wkt.trim()
  // The code of the whole stands last; inner ones are those of the datum, the unit…
  const code = /(?:AUTHORITY|ID)\s*\[\s*"EPSG"\s*,\s*"?(\d+)"?\s*\]\s*\]\s*$/i.exec(text)?.[1]
  const byCode = code === undefined ? undefined : crsOf(`EPSG:${code}`)
  if (byCode !== undefined) return byCode
  const [, kind = "", title = ""] = /^(PROJCS|PROJCRS|GEOGCS|GEOGCRS)\s*\[\s*"([^"]*)"/i.exec(text) ?? []
  if (/^PROJ/i.test(kind)) {
    const name = title
      .normalize("NFKD")
      .toLowerCase()
      .replaceAll(/[^a-z0-9]/g, "")
    for (const [pattern, codeOf] of NAMES) {
      const found = pattern.exec(name)
      if (found !== null) return crsOf(`EPSG:${codeOf(found)}`)
    }
    return isModern(text) ? crsOfParameters(title, text) : undefined
  }
  const isDegrees = /UNIT\s*\[\s*"degrees?"/i.test(text)
  return /^GEOG/i.test(kind) && isDegrees && isModern(text) ? { name: title, toWgs84: undefined } : undefined
}
