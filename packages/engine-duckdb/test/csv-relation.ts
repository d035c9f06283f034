/** A CSV relation written by hand, for tests of the engine without a format. */
import { LakeError, type RawFile, type Relation, terminal } from "@opendatahub-sql/core"
import { literal } from "@opendatahub-sql/engine-duckdb"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { statSync } from "node:fs"
import { open } from "node:fs/promises"

async function* chunks(path: string, start: number, end: number): AsyncGenerator<Uint8Array> {
  const file = await open(path)
  try {
    for (let at = start; at < end;) {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(Math.min(1024 * 1024, end - at)), 0, undefined, at)
      if (bytesRead === 0) return
      at += bytesRead
      yield buffer.subarray(0, bytesRead)
    }
  } finally {
    await file.close()
  }
}

/** A file on disk. */
export const localFile = (path: string): RawFile => ({
  name: path,
  size: statSync(path).size,
  identity: path,
  bytes: (range) =>
    Stream.suspend(() =>
      Stream.fromAsyncIterable(
        chunks(path, range?.start ?? 0, range?.end ?? Infinity),
        (cause) =>
          new LakeError({ plugin: "test", operation: "read", message: String(cause), reason: terminal, cause }),
      ),
    ),
  local: Effect.succeed(path),
  siblings: [],
})

/** The bytes of a file as a stream. */
export const streamOf = (path: string) => localFile(path).bytes()

/** A relation over strict CSV; rows of another width are left out and reported. */
export const csvRelation = (input: Relation["input"], columns: ReadonlyArray<string>, delimiter = ";"): Relation => ({
  table: "main",
  columns: columns.map((name) => ({ name })),
  input,
  sql: (path) =>
    `select * from read_csv(${path}, auto_detect = false, delim = ${literal(delimiter)}, quote = '"', escape = '"', header = true, strict_mode = true, store_rejects = true,
    rejects_limit = 0, buffer_size = 4000000, columns = {${columns.map((_, index) => `'r${index}': 'VARCHAR'`).join(", ")}})`,
  rejects: {
    sql: () => `select line - 1 as "row", lower(replace(error_type::varchar, ' ', '-')) as code, any_value(csv_line) as raw, any_value(error_message) as message, line,
    any_value(line_byte_position) - 1 as byte, strlen(raw) as byte_length from reject_errors group by line, error_type`,
    keeps: ["missing-columns", "too-many-columns"],
  },
  facts: {},
})
