/** Compares the rejects that `odh convert --rejects` keeps with the bad cells that the generator wrote. */
import { askOne, literal } from "../measure/duckdb.ts"
import type { Oracle } from "./generate.ts"

/** What differs, one sentence each. */
export const checkRejects = async (path: string, oracle: Oracle): Promise<ReadonlyArray<string>> => {
  const { cells } = await askOne(`select count(*)::integer as cells from read_parquet(${literal(path)})`)
  return cells === oracle.badCells ? [] : [`${String(cells)} rejects instead of ${oracle.badCells}`]
}
