/**
 * The reference: DuckDB told the schema, parents and children each by a query of their own, numbered so that they can be joined.
 * `node reference.ts FILE.json PARENTS.parquet CHILDREN.parquet`
 */
import { DuckDBInstance } from "@duckdb/node-api"
import { literal } from "../measure/duckdb.ts"

const [file = "", parents = "", children = ""] = process.argv.slice(2)

const columns = {
  id: "VARCHAR",
  uid: "VARCHAR",
  nature: "VARCHAR",
  objet: "VARCHAR",
  codeCPV: "VARCHAR",
  procedure: "VARCHAR",
  lieuExecution: "STRUCT(code VARCHAR, typeCode VARCHAR, nom VARCHAR)",
  dureeMois: "BIGINT",
  dateNotification: "DATE",
  montant: "DECIMAL(18, 2)",
  titulaires: "STRUCT(rang BIGINT, id VARCHAR, typeIdentifiant VARCHAR, denominationSociale VARCHAR)[]",
}
const declared = Object.entries(columns).map(([name, type]) => `${literal(name)}: ${literal(type)}`)
const read = `(select row_number() over () as _row, * from read_json(${literal(file)}, format = 'array', columns = {${declared.join(", ")}}))`

const instance = await DuckDBInstance.create(":memory:", { threads: "2" })
const connection = await instance.connect()
await connection.run(
  `copy (select * exclude (lieuExecution, titulaires), unnest(lieuExecution) from ${read}) to ${literal(parents)} (format parquet, compression zstd)`,
)
await connection.run(
  `copy (select _row as _parent_row, unnest(titulaire) from (select _row, unnest(titulaires) as titulaire from ${read})) to ${literal(children)} (format parquet, compression zstd)`,
)
connection.closeSync()
instance.closeSync()
