/** Compares the rejects that `odh convert --rejects` keeps with the bad cells that the generator wrote. */
import { askOne, literal } from "../measure/duckdb.ts"
import type { Oracle } from "./generate.ts"

/** What differs, one sentence each. */
export const checkRejects = async (path: string, oracle: Oracle): Promise<ReadonlyArray<string>> => {
  const { cells, md5 } = await askOne(`
    select count(*)::integer as cells, md5(string_agg(concat_ws(';', _row, column_name, raw), chr(10) order by _row, column_name)) as md5
    from read_parquet(${literal(path)})`)
  if (cells !== oracle.badCells) return [`${String(cells)} rejects instead of ${oracle.badCells}`]
  return md5 === oracle.badCellsMd5 ? [] : ["the rejects are as many as the bad cells, but not the same"]
}
