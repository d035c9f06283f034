import { assert, describe, it } from "@effect/vitest"
import { literal } from "@opendatahub-sql/engine-duckdb"
import { dataset, type Portal } from "@opendatahub-sql/testkit/datagouv"
import * as Effect from "effect/Effect"
import { readdirSync } from "node:fs"
import { join } from "node:path"
import { odh, writeConfig } from "./support/command.ts"
import { ask, emptyPortal, temporaryFolder } from "./support/place.ts"

/** Records 3 and 6 cannot be cut; `n` of 2 and 5 is no number; a header repeats. */
const FILE = Buffer.from(
  "commune;n;n\r\nÉvry;1;a\r\nLe Rœulx;?;b\r\nBourg;2\r\nParis;3;c\r\nNîmes;n. c.;d\r\nLyon;4;e;f\r\n",
)

const add = (portal: Portal): void =>
  portal.add(
    dataset({ slug: "villes", title: "Villes", resources: [{ title: "villes.csv", content: { bytes: FILE } }] }),
  )

const configure = (cwd: string, portal: Portal, table: string) =>
  writeConfig(
    cwd,
    portal.url,
    `{ network: { allowPrivate: ["127.0.0.1"] }, sources: [datagouv({ url: portal, datasets: ["villes"] })], tables: { villes: ${table} } }`,
  )

const place = Effect.fnUntraced(function* (table: string) {
  const portal = yield* emptyPortal
  add(portal)
  const cwd = yield* temporaryFolder
  yield* configure(cwd, portal, table)
  const warehouse = join(cwd, "data/warehouse.duckdb")
  const kept = (): ReadonlyArray<string> =>
    readdirSync(join(cwd, "data/lake/extractions"), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".rejects.parquet"))
      .map((name) => join(cwd, "data/lake/extractions", name))
      .toSorted()
  return { portal, cwd, warehouse, kept, run: (...args: ReadonlyArray<string>) => odh(args, { cwd }) }
})

const COLUMNS = "table_name, kind, _row, column_name, code, raw, message, line, byte, byte_length"

describe("rejects", () => {
  it.effect(
    "say where each text is in the file as received, the same in the lake and in the destination",
    () =>
      Effect.gen(function* () {
        const { kept, run, warehouse } = yield* place('{ columns: { n: "bigint" } }')
        assert.match((yield* run("sync")).out, /1 loaded/)
        const rejects = yield* ask(warehouse, `select ${COLUMNS} from odh.rejects order by _row`)
        assert.deepStrictEqual(
          rejects.map(({ kind, _row, column_name, code, raw, message }) => [
            kind,
            _row,
            column_name,
            code,
            raw,
            message,
          ]),
          [
            ["cell", 2n, "n", "not-bigint", "?", null],
            ["row", 3n, null, "missing-columns", "Bourg;2", "2 cells instead of 3"],
            ["cell", 5n, "n", "not-bigint", "n. c.", null],
            ["row", 6n, null, "too-many-columns", "Lyon;4;e;f", "4 cells instead of 3"],
          ],
        )
        for (const { kind, raw, byte, byte_length } of rejects.filter((one) => one["kind"] === "row")) {
          const at = Number(byte)
          assert.strictEqual(FILE.subarray(at, at + Number(byte_length)).toString(), raw, String(kind))
        }
        const [parquet = ""] = kept()
        assert.deepStrictEqual(
          yield* ask(warehouse, `select ${COLUMNS} from read_parquet(${literal(parquet)}) order by _row`),
          rejects,
        )
        const shown = yield* run("rejects", "villes")
        assert.match(shown.out, /missing-columns: the record has fewer cells/)
        assert.match(shown.out, /Bourg;2/)
      }),
    60_000,
  )

  it.effect(
    "are closed by a replay when an option lets them pass: the report and the status say how many, the table has those that remain",
    () =>
      Effect.gen(function* () {
        const { cwd, kept, portal, run, warehouse } = yield* place('{ columns: { n: "bigint" } }')
        yield* run("sync")
        yield* configure(cwd, portal, '{ columns: { n: "text" } }')
        portal.clear()
        const replayed = yield* run("replay")
        assert.match(replayed.out, /2 rejects of "villes" are closed, 2 remain/)
        assert.deepStrictEqual(portal.requests, [])
        assert.deepStrictEqual(yield* ask(warehouse, "select _row, code from odh.rejects order by 1"), [
          { _row: 3n, code: "missing-columns" },
          { _row: 6n, code: "too-many-columns" },
        ])
        assert.deepStrictEqual(
          yield* ask(warehouse, "select n from bronze.villes where _row in (2, 5) order by _row"),
          [{ n: "?" }, { n: "n. c." }],
        )
        assert.match((yield* run("status")).out, /2 \(2 closed\)/)
        assert.lengthOf(kept(), 2, "the lake keeps those of each reading")
        // An option that lets fewer pass closes none.
        yield* configure(cwd, portal, '{ columns: { n: "bigint", commune: "bigint" } }')
        assert.notMatch((yield* run("replay")).out, /closed/)
        assert.deepStrictEqual(yield* ask(warehouse, "select count(*) as n from odh.rejects"), [{ n: 8n }])
      }),
    60_000,
  )

  it.effect(
    "above a limit of the configuration the file is refused, once, until the limit or the reading changes",
    () =>
      Effect.gen(function* () {
        const { cwd, kept, portal, run, warehouse } = yield* place("{ rejects: { maxShare: 0.3 } }")
        const refused = yield* run("sync")
        assert.strictEqual(refused.code, 65, refused.out)
        assert.match(
          refused.out,
          /villes\.csv: 2 of 6 records of "villes" \(33\.3 %\) were left out .* above the limit .*\(maxShare 0\.3\)/,
        )
        assert.lengthOf(kept(), 1)
        assert.deepStrictEqual(
          yield* ask(warehouse, "select table_name from duckdb_tables() where schema_name = 'bronze'"),
          [],
        )
        assert.match((yield* run("sync")).out, /as it was when it was refused/)
        yield* configure(cwd, portal, "{ rejects: { maxShare: 0.4, maxRows: 2 } }")
        const loaded = yield* run("sync")
        assert.strictEqual(loaded.code, 0)
        assert.match(
          loaded.out,
          /2 of 6 records of "villes" \(33\.3 %\) were left out .*: `odh rejects villes` shows them/,
        )
        yield* configure(cwd, portal, '{ columns: { n: "bigint" }, rejects: { maxRows: 3 } }')
        assert.match((yield* run("replay")).out, /4 of 6 records .*\(maxRows 3\)/)
        assert.deepStrictEqual(yield* ask(warehouse, "select count(*) as n from bronze.villes"), [{ n: 4n }])
      }),
    60_000,
  )
})
