/** Days of one file without a key: rows change, go, come back and are shuffled; the columns too. As Parquet, so that reading is not what is measured. */
import { DuckDBInstance } from "@duckdb/node-api"
import { join } from "node:path"
import { literal } from "../measure/duckdb.ts"

/** A column of a day's file: what it is called and its type there. */
export interface DayColumn {
  readonly name: string
  readonly type:
    | "text"
    | "bigint"
    | "date"
    | "timestamp"
    | "double"
    | "decimal(12,2)"
    | "decimal(18,1)"
    | "decimal(9,6)"
  /** SQL of the value, from the number `i` of a row and its version `v`. */
  readonly value: string
}

const columns: ReadonlyArray<DayColumn> = [
  { name: "code", type: "text", value: "'L' || lpad(((i * 7919) % 10000000)::varchar, 8, '0')" },
  { name: "dep", type: "text", value: "lpad((i % 101)::varchar, 2, '0')" },
  { name: "jour", type: "date", value: "date '2020-01-01' + (i % 900)::integer" },
  { name: "libelle", type: "text", value: "'Etablissement de santé n° ' || ((i * 31) % 5000)::varchar" },
  { name: "hosp", type: "bigint", value: "(i * 3 + v * 17) % 100000" },
  { name: "rea", type: "bigint", value: "(i + v) % 997" },
  { name: "montant", type: "decimal(12,2)", value: "(((i * 17 + v) % 100000000) / 100)::decimal(12,2)" },
  { name: "taux", type: "double", value: "((i % 1000) / 7)::double" },
  {
    name: "categorie",
    type: "text",
    value: "case when i % 5 = 0 then null else 'catégorie ' || (i % 20)::varchar end",
  },
  { name: "siret", type: "text", value: "lpad((hash(i, 'siret') % 100000000000000)::varchar, 14, '0')" },
  {
    name: "adresse",
    type: "text",
    value:
      "(hash(i, 'n') % 300)::varchar || ' rue ' || (hash(i, 'rue') % 60000)::varchar || ', ' || (10000 + hash(i, 'cp') % 85000)::varchar",
  },
  { name: "latitude", type: "decimal(9,6)", value: "(41000000 + hash(i, 'lat') % 10000000)::bigint / 1000000" },
  { name: "longitude", type: "decimal(9,6)", value: "(hash(i, 'lon') % 14000000)::bigint / 1000000 - 5" },
  {
    name: "maj",
    type: "timestamp",
    value: "timestamp '2020-01-01' + to_seconds((hash(i, v, 'maj') % 200000000)::bigint)",
  },
  { name: "commune", type: "text", value: "'Commune de ' || ((i * 13) % 35000)::varchar" },
]

/** The columns of a day: one more that is empty, a rename, another order, two wider types. */
export const columnsOn = (day: number): ReadonlyArray<DayColumn> => {
  const renamed = columns.map((column) => ({
    ...column,
    ...(day >= 10 && column.name === "commune" ? { name: "nom_commune" } : {}),
    ...(day >= 20 && column.name === "hosp" ? { type: "decimal(18,1)" as const } : {}),
    ...(day >= 25 && column.name === "jour" ? { type: "timestamp" as const } : {}),
  }))
  const more = day >= 5 ? [...renamed, { name: "remarque", type: "text" as const, value: "null" }] : renamed
  return day >= 15 ? more.toReversed() : more
}

/** Where a day's file is. */
export const fileOn = (folder: string, day: number): string =>
  join(folder, `day-${String(day).padStart(2, "0")}.parquet`)

const sql = (type: DayColumn["type"]): string => (type === "text" ? "varchar" : type)

/** What the days hold: rows of each, and how many rows came into being over all of them. */
export interface Written {
  readonly rows: ReadonlyArray<number>
  readonly changedRows: number
}

/** Writes the days. Of the rows, 1 % change, 0.1 % go and about as many come back each day; every file is in an order of its own. */
export const generate = async (folder: string, rows: number, days: number): Promise<Written> => {
  const instance = await DuckDBInstance.create(":memory:", { threads: "2", memory_limit: "4GB" })
  const connection = await instance.connect()
  const count = async (query: string): Promise<number> =>
    Number((await connection.runAndReadAll(query)).getRows()[0]?.[0])
  await connection.run(`create table state as select i, 0 as v, true as here from range(${rows}) t(i)`)
  const written: Array<number> = []
  let changedRows = rows
  for (let day = 0; day < days; day++) {
    if (day > 0) {
      await connection.run(`create or replace table state as select i,
        case when here and hash(i, ${day}) % 100 = 0 then v + 1 else v end as v,
        case when here then hash(i, ${day}, 'goes') % 1000 <> 0 else hash(i, ${day}, 'comes back') % 2 = 0 end as here, here as was, v as old from state`)
      changedRows += await count("select count(*) from state where here and (not was or v <> old)")
    }
    const values = columnsOn(day).map(({ name, type, value }) => `(${value})::${sql(type)} as ${name}`)
    await connection.run(
      `copy (select ${values.join(", ")} from state where here order by hash(i, ${day}, 'order')) to ${literal(fileOn(folder, day))} (format parquet, compression zstd)`,
    )
    written.push(await count("select count(*) from state where here"))
  }
  connection.closeSync()
  instance.closeSync()
  return { rows: written, changedRows }
}
