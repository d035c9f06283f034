/** `odh purge`: rows that must not be kept, out of every state of a table, with what hangs on them, their rejects, and the files of the lake. */
import { exitCodeOf, misconfigured, SinkError } from "@opendatahub-sql/core"
import type { Hub } from "@opendatahub-sql/core/config"
import { openDatabase } from "@opendatahub-sql/engine-duckdb"
import { purgeRows, readTable } from "@opendatahub-sql/history"
import * as Effect from "effect/Effect"
import { tmpdir } from "node:os"
import type { Work } from "../cli/command.ts"
import { countText, instantText, rowsText } from "../cli/numbers.ts"
import { UsageError } from "../cli/usage-error.ts"
import { inHub } from "../hub.ts"
import { type PurgedFiles, purgeFiles, type PurgeKey } from "../purge-files.ts"
import { warehousePath } from "./warehouse.ts"

const DATA_REFUSED = 65

const keyOf = (words: ReadonlyArray<string>): PurgeKey => {
  const pairs = words.map((word) => {
    const at = word.indexOf("=")
    if (at < 1) throw new UsageError(`"${word}" is not COLUMN=VALUE`)
    return [word.slice(0, at), word.slice(at + 1)] as const
  })
  return Object.fromEntries(pairs)
}

const purgeTable = Effect.fnUntraced(function* (hub: Hub, path: string, name: string, key: PurgeKey) {
  const database = yield* openDatabase({ path, workFolder: tmpdir(), memoryLimit: hub.memoryLimit })
  const connection = yield* database.connect
  const table = yield* readTable(connection, name)
  const unknown = Object.keys(key).find((column) => table.columns.every((one) => one.name !== column))
  if (unknown !== undefined) {
    return yield* new SinkError({
      plugin: "duckdb",
      operation: "purge",
      reason: misconfigured,
      message: `"${unknown}" is not a column of ${name}: there are ${table.columns.map((one) => one.name).join(", ")}`,
    })
  }
  yield* connection.run("begin transaction")
  const tables = yield* Effect.onError(purgeRows(connection, table, key), () =>
    Effect.ignore(connection.run("rollback")),
  )
  yield* connection.run("commit")
  yield* connection.run("checkpoint", "take the rows out of the file")
  return tables
}, Effect.scoped)

const filesText = ({ files, unreached }: PurgedFiles): ReadonlyArray<string> => [
  ...files.map(
    (file) =>
      `${rowsText(file.rows)} taken out of the file of ${instantText(file.extractedAt)} (${file.resource}), which is loaded again`,
  ),
  ...unreached.map(({ path, why }) => `NOT REACHED: ${path} holds such rows: ${why}`),
]

/** Purges the rows whose columns all have these values; tells how many copies went, and what was not reached (exit 65). */
export const work: Work = ({ positionals: [name = "", ...words], text, flag, output, hub: config }) =>
  Effect.gen(function* () {
    const key = yield* Effect.try({ try: () => keyOf(words), catch: (error) => error as UsageError })
    const hub = yield* config
    const path = yield* warehousePath(hub, text("sink"))
    const tables = yield* purgeTable(hub, path, name, key)
    const inLake: PurgedFiles = flag("table-only")
      ? { files: [], unreached: [], loads: [] }
      : yield* inHub(hub, "purge", purgeFiles(hub, name, key))
    output.finish()
    const { files, unreached } = inLake
    output.result({ table: name, key, rows: tables[0]?.rows ?? 0, tables, files, unreached }, () =>
      [
        ...tables.map(
          ({ table: one, rows, rejects }) =>
            `${rowsText(rows)} and ${countText(rejects)} rejects purged from every state of ${one}`,
        ),
        ...filesText(inLake),
        ...(flag("table-only") ? ["the lake keeps its files as received: a replay brings the rows back"] : []),
        "Not reached: published copies, snapshots that other destinations still keep, earlier versions that a bucket keeps, and copies of the lake.",
      ].join("\n"),
    )
    return unreached.length > 0 ? DATA_REFUSED : exitCodeOf(inLake.loads)
  })
