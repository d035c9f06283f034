import { assert, describe, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { crsOf, Positions } from "../src/index.ts"

interface Golden {
  readonly points: ReadonlyArray<Record<"epsg" | "x" | "y" | "longitude" | "latitude", number>>
}
const golden = JSON.parse(readFileSync(new URL("./fixtures/golden/crs.json", import.meta.url), "utf8")) as Golden

/** A tenth of a millimetre on the ground. */
const DEGREES = 1e-9
/** A millimetre: for systems that a shift leads to, which is good to less than that, and the series behind the equal-area projection of Europe. */
const MILLIMETRE = 1e-8
const LOOSE = new Set([2969, 2970, 2971, 2973, 2980, 2987, 3035, 3296, 3297, 3727, 4275])

const place = (identifier: string, x: number, y: number): readonly [number, number] => {
  const positions = new Positions()
  positions.push(x, y, 12)
  const crs = crsOf(identifier)
  assert.isDefined(crs, identifier)
  crs?.toWgs84?.(positions, 0, 1)
  assert.strictEqual(positions.xyz[2], 12)
  return [positions.xyz[0] ?? 0, positions.xyz[1] ?? 0]
}

describe("coordinate systems", () => {
  it("lead to the longitude and latitude that PROJ finds", () => {
    for (const { epsg, x, y, longitude, latitude } of golden.points) {
      const [east, north] = place(`EPSG:${epsg}`, x, y)
      const slack = LOOSE.has(epsg) || (epsg >= 27_000 && epsg < 28_000) ? MILLIMETRE : DEGREES
      assert.closeTo(east, longitude, slack, `longitude of ${x}, ${y} in EPSG:${epsg}`)
      assert.closeTo(north, latitude, slack, `latitude of ${x}, ${y} in EPSG:${epsg}`)
    }
    assert.isAbove(golden.points.length, 90)
  })

  it("keep the origin of Lambert-93 where the decree puts it", () => {
    const [longitude, latitude] = place("EPSG:2154", 700_000, 6_600_000)
    assert.closeTo(longitude, 3, 1e-12)
    assert.closeTo(latitude, 46.5, 1e-12)
  })

  it("are known by all the spellings of their names", () => {
    const spellings = [
      "EPSG:2154",
      "epsg:2154",
      "2154",
      "urn:ogc:def:crs:EPSG::2154",
      "urn:ogc:def:crs:EPSG:6.9:2154",
      "urn:x-ogc:def:crs:EPSG:2154",
      "http://www.opengis.net/def/crs/EPSG/0/2154",
      "http://www.opengis.net/gml/srs/epsg.xml#2154",
      "IGNF:LAMB93",
    ]
    for (const spelling of spellings) assert.strictEqual(crsOf(spelling)?.name, "EPSG:2154", spelling)
    const degrees = ["urn:ogc:def:crs:OGC:1.3:CRS84", "OGC:CRS84", "CRS84", "urn:ogc:def:crs:OGC::CRS84h", "EPSG:4326"]
    for (const spelling of degrees) {
      assert.isDefined(crsOf(spelling), spelling)
      assert.isUndefined(crsOf(spelling)?.toWgs84, spelling)
    }
    assert.deepStrictEqual(
      place("IGNF:RGF93CC46", 1_700_000, 5_200_000)[1],
      place("EPSG:3946", 1_700_000, 5_200_000)[1],
    )
  })

  it("are not guessed", () => {
    for (const name of ["EPSG:9999", "EPSG:21540", "Lambert", "", "urn:ogc:def:crs:IAU::30100"])
      assert.isUndefined(crsOf(name), name)
  })

  it("can be given by PROJ parameters", () => {
    const [longitude] = place(
      "+proj=utm +zone=20 +ellps=intl +towgs84=-467,-16,-300,0,0,0,0 +units=m",
      655_000,
      1_785_000,
    )
    assert.closeTo(longitude, -61.55, 0.01)
  })
})
