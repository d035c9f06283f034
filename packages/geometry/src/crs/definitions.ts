/**
 * The coordinate systems that French data come in, by EPSG code, as parameters of the projection. Parameters are those of the EPSG data set;
 * RGF93, ETRS89 and the systems of the overseas territories are WGS 84 within a metre and are taken as equal to it, as everywhere.
 */

/** Degrees of longitude and latitude, on a datum that is WGS 84 within a metre. */
const GEOGRAPHIC: ReadonlySet<number> = new Set([
  // WGS 84; ETRS89; RGF93 v1 (2D, 3D), v2, v2b
  4326, 4979, 4258, 4171, 4965, 9777, 9782,
  // RGAF09, RRAF 1991, RGFG95, RGR92, RGM04, RGSPM06, RGNC91-93, RGNC91-93
  5489, 4558, 4624, 4627, 4470, 4463, 4749,
])

const utm = (zone: number, half: "north" | "south", ellipsoid: "GRS80" | "WGS84" = "GRS80"): string =>
  `+proj=utm +zone=${zone}${half === "south" ? " +south" : ""} +ellps=${ellipsoid} +units=m +no_defs`

const LAMBERT_93 =
  "+proj=lcc +lat_0=46.5 +lon_0=3 +lat_1=49 +lat_2=44 +x_0=700000 +y_0=6600000 +ellps=GRS80 +units=m +no_defs"

/** The nine conic zones, CC42 to CC50, each by its middle latitude. */
const conicZone = (latitude: number): string =>
  `+proj=lcc +lat_0=${latitude} +lon_0=3 +lat_1=${latitude - 0.75} +lat_2=${latitude + 0.75} +x_0=1700000 +y_0=${
    (latitude - 41) * 1_000_000 + 200_000
  } +ellps=GRS80 +units=m +no_defs`

/** The zones before Lambert-93: NTF, by its three-parameter shift to WGS 84, good to one or two metres. */
const ntf = (latitude: number, scale: number, x: number, y: number): string =>
  `+proj=lcc +lat_1=${latitude} +lat_0=${latitude} +lon_0=0 +k_0=${scale} +x_0=${x} +y_0=${y} +ellps=clrk80ign +pm=paris +towgs84=-168,-60,320,0,0,0,0 +units=m +no_defs`

/** A system of the overseas territories before satellites, by its shift to WGS 84: three parameters, good to some metres, or seven. */
const before = (projection: string, shift: string, ellipsoid = "intl"): string =>
  `${projection} +ellps=${ellipsoid} +towgs84=${shift} +units=m +no_defs`

/** RGPF lies half a metre off WGS 84 (EPSG:15850). */
const RGPF_SHIFT = "+towgs84=0.072,-0.507,-0.245,0.0183,-0.0003,0.007,-0.0093"

const MERCATOR = "+proj=merc +a=6378137 +b=6378137 +lat_ts=0 +lon_0=0 +x_0=0 +y_0=0 +k=1 +units=m +no_defs"

const PROJECTED: ReadonlyMap<number, string> = new Map([
  // Lambert-93: RGF93 v1, v2, v2b; with heights above the sea
  ...[2154, 9793, 9794, 5698, 5699].map((code) => [code, LAMBERT_93] as const),
  ...Array.from({ length: 9 }, (_, zone) => zone).flatMap((zone) =>
    [3942, 9822, 9842].map((first) => [first + zone, conicZone(42 + zone)] as const),
  ),
  // NTF: zones I to IV, numbered as zones or as one country (27581… are their former codes)
  [27561, ntf(49.5, 0.999877341, 600_000, 200_000)],
  [27562, ntf(46.8, 0.99987742, 600_000, 200_000)],
  [27563, ntf(44.1, 0.999877499, 600_000, 200_000)],
  [27564, ntf(42.165, 0.99994471, 234.358, 185_861.369)],
  ...[27571, 27581].map((code) => [code, ntf(49.5, 0.999877341, 600_000, 1_200_000)] as const),
  ...[27572, 27582].map((code) => [code, ntf(46.8, 0.99987742, 600_000, 2_200_000)] as const),
  ...[27573, 27583].map((code) => [code, ntf(44.1, 0.999877499, 600_000, 3_200_000)] as const),
  ...[27574, 27584].map((code) => [code, ntf(42.165, 0.99994471, 234.358, 4_185_861.369)] as const),
  // Guadeloupe and Martinique, Guyane, La Réunion, Mayotte, Saint-Pierre-et-Miquelon
  [5490, utm(20, "north")],
  [4559, utm(20, "north")],
  [2972, utm(22, "north")],
  [2975, utm(40, "south")],
  [4471, utm(38, "south")],
  [4467, utm(21, "north")],
  // The same before: Guadeloupe (1948), Martinique (1938), Saint-Martin and Saint-Barthélemy, Guyane (CSG67), Mayotte (Combani), Saint-Pierre-et-Miquelon, La Réunion (1947)
  [2970, before("+proj=utm +zone=20", "-472.29,-5.63,-304.12,0.4362,-0.8374,0.2563,1.8984")],
  [2973, before("+proj=utm +zone=20", "126.93,547.94,130.41,-2.7867,5.1612,-0.8584,13.8227")],
  [2969, before("+proj=utm +zone=20", "137,248,-430")],
  [2971, before("+proj=utm +zone=22", "-186,230,110")],
  [2980, before("+proj=utm +zone=38 +south", "-382,-59,-262")],
  [2987, before("+proj=utm +zone=21", "11.363,424.148,373.13", "clrk66")],
  [
    3727,
    before(
      "+proj=tmerc +lat_0=-21.11666666666667 +lon_0=55.53333333333333 +k=1 +x_0=160000 +y_0=50000",
      "94,-948,-1262",
    ),
  ],
  // Degrees on NTF, from Greenwich
  [4275, "+proj=longlat +ellps=clrk80ign +towgs84=-168,-60,320,0,0,0,0 +no_defs"],
  // Nouvelle-Calédonie, Polynésie
  [
    3163,
    "+proj=lcc +lat_0=-21.5 +lon_0=166 +lat_1=-20.66666666666667 +lat_2=-22.33333333333333 +x_0=400000 +y_0=300000 +ellps=GRS80 +units=m +no_defs",
  ],
  [3296, `${utm(5, "south")} ${RGPF_SHIFT}`],
  [3297, `${utm(6, "south")} ${RGPF_SHIFT}`],
  // Europe, the web
  [3035, "+proj=laea +lat_0=52 +lon_0=10 +x_0=4321000 +y_0=3210000 +ellps=GRS80 +units=m +no_defs"],
  [3857, MERCATOR],
  [900913, MERCATOR],
  [3395, "+proj=merc +lon_0=0 +k=1 +x_0=0 +y_0=0 +datum=WGS84 +units=m +no_defs"],
])

/** The parameters of a code, `degrees` for longitude and latitude; `undefined` when it is not in the table. */
export const definitionOf = (epsg: number): string | undefined => {
  if (GEOGRAPHIC.has(epsg)) return "degrees"
  const known = PROJECTED.get(epsg)
  if (known !== undefined) return known
  // UTM on ETRS89 and on WGS 84, one code a zone.
  if (epsg >= 25828 && epsg <= 25838) return utm(epsg - 25800, "north")
  if (epsg >= 32601 && epsg <= 32660) return utm(epsg - 32600, "north", "WGS84")
  if (epsg >= 32701 && epsg <= 32760) return utm(epsg - 32700, "south", "WGS84")
  return undefined
}
