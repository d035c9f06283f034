export { duckdb, type DuckdbOptions } from "./duckdb.ts"
