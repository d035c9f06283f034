import { assert, describe, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { crsOf, crsOfWkt, Positions } from "../src/index.ts"

const GRS80 = 'SPHEROID["GRS_1980",6378137.0,298.257222101]'
const CLARKE = 'SPHEROID["Clarke_1880_IGN",6378249.2,293.4660212936269]'
const projected = (name: string, spheroid = GRS80, more = ""): string =>
  `PROJCS["${name}",GEOGCS["GCS",DATUM["D",${spheroid}],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],PARAMETER["False_Easting",500000.0],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",-63.0],PARAMETER["Scale_Factor",0.9996],PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]${more}]`

describe("the text of a .prj", () => {
  it("tells the system by its name, in the dialects of ESRI, GDAL and the mapping agency", () => {
    const names: ReadonlyArray<readonly [string, number]> = [
      ["RGF_1993_Lambert_93", 2154],
      ["RGF93_Lambert_93", 2154],
      ["RGF93 / Lambert-93", 2154],
      ["RGF93 v1 / Lambert-93", 2154],
      ["RGF_1993_CC46", 3946],
      ["RGF93 / CC50", 3950],
      ["NTF_Lambert_II_etendu", 27572],
      ["NTF (Paris) / Lambert zone II", 27572],
      ["NTF_Paris_Lambert_Zone_III", 27573],
      ["Lambert II étendu", 27572],
      ["NTF_France_I", 27571],
      ["RGAF09_UTM_Zone_20N", 5490],
      ["RRAF_1991_UTM_20N", 4559],
      ["RGFG_1995_UTM_22N", 2972],
      ["RGR_1992_UTM_40S", 2975],
      ["RGM04 / UTM zone 38S", 4471],
      ["RGSPM06 / UTM zone 21N", 4467],
      ["WGS_1984_UTM_Zone_20N", 32620],
      ["ETRS89 / UTM zone 31N", 25831],
      ["WGS_1984_Web_Mercator_Auxiliary_Sphere", 3857],
    ]
    for (const [name, epsg] of names) assert.strictEqual(crsOfWkt(projected(name))?.name, `EPSG:${epsg}`, name)
  })

  it("tells it by the code of the whole, not by the codes of its parts", () => {
    assert.strictEqual(crsOfWkt(projected("a name", GRS80, ',AUTHORITY["EPSG","5490"]'))?.name, "EPSG:5490")
    const inner = projected("RGF93 / Lambert-93").replace(
      'UNIT["Meter",1.0]',
      'UNIT["metre",1,AUTHORITY["EPSG","9001"]]',
    )
    assert.strictEqual(crsOfWkt(inner)?.name, "EPSG:2154")
  })

  it("tells it by its parameters when the datum is WGS 84 within a metre, and not at all when it is another", () => {
    const [by, utm] = [new Positions(), new Positions()]
    for (const positions of [by, utm]) positions.push(655_123.45, 1_785_432.1, 0)
    crsOfWkt(projected("of a GIS office"))?.toWgs84?.(by, 0, 1)
    crsOf("EPSG:5490")?.toWgs84?.(utm, 0, 1)
    assert.closeTo(by.xyz[0] ?? 0, utm.xyz[0] ?? 1, 1e-9)
    assert.closeTo(by.xyz[1] ?? 0, utm.xyz[1] ?? 1, 1e-9)
    assert.isUndefined(crsOfWkt(projected("of a GIS office", CLARKE)))
  })

  it("may be of degrees", () => {
    const degrees = `GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]`
    assert.deepStrictEqual(crsOfWkt(degrees), { name: "GCS_WGS_1984", toWgs84: undefined })
    assert.isUndefined(crsOfWkt(degrees.replace('"Degree"', '"Grad"')))
    for (const text of ["", 'LOCAL_CS["x"]', "{}"]) assert.isUndefined(crsOfWkt(text), text)
  })

  it("of a real land-use plan is Lambert-93", () => {
    const prj = readFileSync(
      new URL("../../../fixtures/corpus/shapefile-plu-lambert93/30014_ZONE_URBA_20171013.prj", import.meta.url),
      "utf8",
    )
    assert.strictEqual(crsOfWkt(prj)?.name, "EPSG:2154")
  })
})
