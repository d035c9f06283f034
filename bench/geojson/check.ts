/** Compares Parquet files with the oracle. */
import { askOne, literal } from "../measure/duckdb.ts"
import type { Oracle } from "./generate.ts"

/** What differs in ours, one sentence each. */
export const check = async (path: string, oracle: Oracle): Promise<ReadonlyArray<string>> => {
  const found = await askOne(`
    select count(*)::varchar as features, (count(*) filter (octet_length(wkb) > 21))::varchar as polygons,
      sum(contenance)::varchar as surface, (count(*) filter (commune = '2A004'))::varchar as "inAjaccio",
      sum(octet_length(wkb))::varchar as "geometryBytes",
      sum(round(xmin * 1e7)::hugeint)::varchar as west, sum(round(ymax * 1e7)::hugeint)::varchar as north
    from (select *, st_aswkb(geometry) as wkb from read_parquet(${literal(path)}))`)
  const geo = await askOne(
    `select decode(value) as geo from parquet_kv_metadata(${literal(path)}) where decode(key) = 'geo'`,
  )
  return [
    ...Object.entries(oracle).flatMap(([name, expected]) =>
      found[name] === String(expected) ? [] : [`${name} is ${String(found[name])} instead of ${String(expected)}`],
    ),
    ...(geo["geo"] === undefined ? ["the file is no GeoParquet"] : []),
  ]
}

/** What differs in the reference, which has the geometry as text. */
export const checkReference = async (path: string, { features, surface }: Oracle): Promise<ReadonlyArray<string>> => {
  const found = await askOne(
    `select count(geometry)::varchar as features, sum(contenance)::varchar as surface from read_parquet(${literal(path)})`,
  )
  return found["features"] === String(features) && found["surface"] === String(surface)
    ? []
    : ["reference: it is not the file"]
}
