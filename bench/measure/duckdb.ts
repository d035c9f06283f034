/** DuckDB as the oracles ask it: in this process, apart from what is measured. */
import { DuckDBInstance } from "@duckdb/node-api"

/** A text as SQL has it. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`

/** Runs queries one after the other, on a database file or on none; values as JavaScript has them, most of them cast to text by the query. */
export const ask = async (
  queries: ReadonlyArray<string>,
  path = ":memory:",
): Promise<ReadonlyArray<ReadonlyArray<Readonly<Record<string, unknown>>>>> => {
  const options = path === ":memory:" ? { memory_limit: "4GB" } : { access_mode: "READ_ONLY" }
  const instance = await DuckDBInstance.create(path, { threads: "2", ...options })
  const connection = await instance.connect()
  try {
    const answers = []
    for (const query of queries) answers.push((await connection.runAndReadAll(query)).getRowObjectsJS())
    return answers
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

/** The only row of a query. */
export const askOne = async (query: string, path?: string): Promise<Readonly<Record<string, unknown>>> =>
  (await ask([query], path))[0]?.[0] ?? {}
