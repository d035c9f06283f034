/** Compares the tables in the warehouse with the oracle. */
import { ask } from "../measure/duckdb.ts"
import type { Oracle } from "./generate.ts"

/** What differs, one sentence each. */
export const check = async (warehouse: string, oracle: Oracle): Promise<ReadonlyArray<string>> => {
  const [[parents] = [], [children] = []] = await ask(
    [
      `select count(*)::varchar as contracts, cast(sum(montant) * 100 as decimal(38, 0))::varchar as "amountCents",
         sum("dureeMois")::varchar as months, (count(*) filter ("lieuExecution_code" = '2A004'))::varchar as "inAjaccio"
       from bronze.marches`,
      `select count(*)::varchar as holders, sum(child.rang * parent."dureeMois")::varchar as "rankTimesMonths"
       from bronze.marches__titulaires as child join bronze.marches as parent on child._parent_row = parent._row`,
    ],
    warehouse,
  )
  const found: Readonly<Record<string, unknown>> = { ...parents, ...children }
  return Object.entries(oracle).flatMap(([name, expected]) =>
    found[name] === String(expected) ? [] : [`${name} is ${String(found[name])} instead of ${String(expected)}`],
  )
}
