import { assert, describe, it } from "@effect/vitest"
import { openDatabase } from "@opendatahub-sql/engine-duckdb"
import { dataset } from "@opendatahub-sql/testkit/datagouv"
import * as Effect from "effect/Effect"
import { existsSync, readdirSync } from "node:fs"
import { cp, mkdir, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { odh, odhJson, writeConfig } from "./support/command.ts"
import { ask, corpus, emptyPortal, temporaryFolder } from "./support/place.ts"

const holidays = join(corpus, "jours-feries/jours_feries_metropole.csv")
const gtfs = join(corpus, "gtfs-frioul-bom-md5/gtfs.zip")
const run = (...args: ReadonlyArray<string>) => odh(args, { cwd: tmpdir() })
const json = (args: ReadonlyArray<string>, options = { cwd: tmpdir() }) => odhJson(args, options)

describe("odh inspect", () => {
  it.effect("says what a file is, its columns, their types and why, and the first rows", () =>
    Effect.gen(function* () {
      const { code, out } = yield* run(
        "inspect",
        join(corpus, "covoiturage-aires-latin1/csv_latin1.csv"),
        "--rows",
        "2",
      )
      assert.strictEqual(code, 0)
      for (const words of ["60 rows", "encoding: iso-8859-1", "dialect: ;", "bigint", '"2A004" is a code'])
        assert.include(out, words)
      const { values } = yield* json(["inspect", holidays, "--rows", "1"])
      const [{ tables }] = values as unknown as readonly [
        {
          readonly tables: ReadonlyArray<{
            readonly rows: number
            readonly columns: ReadonlyArray<{ readonly name: string; readonly type: string }>
            readonly first: ReadonlyArray<unknown>
          }>
        },
      ]
      assert.deepStrictEqual(
        tables[0]?.columns.map(({ name, type }) => [name, type]),
        [
          ["date", "date"],
          ["annee", "bigint"],
          ["zone", "text"],
          ["nom_jour_ferie", "text"],
        ],
      )
      assert.deepStrictEqual(tables[0]?.first, [
        { date: "2006-01-01", annee: "2006", zone: "Métropole", nom_jour_ferie: "1er janvier" },
      ])
    }),
  )

  it.effect("a file that is not there, a folder, a page: each with what to do", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* run("inspect", "nowhere.csv")).code, 78)
      const folder = yield* run("inspect", corpus)
      assert.deepStrictEqual([folder.code, folder.err.includes("files: give one")], [64, true], folder.err)
    }),
  )
})

describe("odh convert", () => {
  const count = (path: string, from: string) =>
    Effect.scoped(
      Effect.gen(function* () {
        const database = yield* openDatabase({ workFolder: tmpdir(), allowedFolders: [path] })
        return Number((yield* (yield* database.connect).one(`select count(*) as n from ${from}`))["n"])
      }),
    )

  for (const [format, read] of [
    ["parquet", "read_parquet"],
    ["csv", "read_csv"],
    ["ndjson", "read_json"],
  ] as const) {
    it.effect(`to ${format}: every row, our names, no column of ours`, () =>
      Effect.gen(function* () {
        const folder = yield* temporaryFolder
        const { code, out, err } = yield* odh(["convert", holidays, "--to", `out.${format}`], { cwd: folder })
        assert.strictEqual(code, 0, err)
        assert.match(out, /286/)
        const from = `${read}('${join(folder, `out.${format}`)}')`
        assert.strictEqual(yield* count(folder, from), 286)
        assert.strictEqual(
          yield* count(
            folder,
            `(describe select * from ${from}) where column_name in ('date', 'annee', 'zone', 'nom_jour_ferie')`,
          ),
          4,
        )
        assert.strictEqual(yield* count(folder, `(describe select * from ${from})`), 4)
        assert.deepStrictEqual(readdirSync(folder), [`out.${format}`], "and nothing else is left")
      }),
    )
  }

  it.effect(
    "several files and tables to one DuckDB file, and to a folder",
    () =>
      Effect.gen(function* () {
        const folder = yield* temporaryFolder
        assert.strictEqual((yield* odh(["convert", holidays, gtfs, "--to", "all.duckdb"], { cwd: folder })).code, 0)
        const tables = yield* ask(
          join(folder, "all.duckdb"),
          "select table_name as t, estimated_size::int as n from duckdb_tables() order by 1",
        )
        assert.deepStrictEqual(
          tables.map((row) => row["t"]),
          [
            "gtfs_agency",
            "gtfs_calendar",
            "gtfs_calendar_dates",
            "gtfs_routes",
            "gtfs_stop_times",
            "gtfs_stops",
            "gtfs_transfers",
            "gtfs_trips",
            "jours_feries_metropole",
          ],
        )
        assert.strictEqual((yield* odh(["convert", gtfs, "--to", "gtfs", "--as", "ndjson"], { cwd: folder })).code, 0)
        assert.lengthOf(readdirSync(join(folder, "gtfs")), 8)
        const one = yield* odh(["convert", gtfs, "--to", "gtfs.csv"], { cwd: folder })
        assert.deepStrictEqual([one.code, one.err.includes("--to gtfs --as csv")], [64, true], one.err)
        assert.isFalse(existsSync(join(folder, "gtfs.csv")))
      }),
    60_000,
  )

  it.effect("the further tables of one file go beside the first", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const text = '[{"id":1,"nom":"A","lignes":[{"q":2},{"q":3}]},{"id":2,"nom":"B","lignes":[]}]'
      yield* Effect.promise(() => writeFile(join(folder, "commandes.json"), text))
      const { code, err } = yield* odh(["convert", "commandes.json", "--to", "out.csv"], { cwd: folder })
      assert.strictEqual(code, 0, err)
      assert.deepStrictEqual(readdirSync(folder).toSorted(), ["commandes.json", "out.csv", "out__lignes.csv"])
      assert.strictEqual(yield* count(join(folder, "out.csv"), `read_csv('${join(folder, "out.csv")}')`), 2)
      assert.strictEqual(
        yield* count(join(folder, "out__lignes.csv"), `read_csv('${join(folder, "out__lignes.csv")}')`),
        2,
      )
    }),
  )

  it.effect("a folder, a pattern, an address: each file once, under a name of its own, what is no data left out", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const files: Readonly<Record<string, string>> = {
        "in/2023/ventes.csv": "code;prix\n01;1,5\n02;2,5\n",
        "in/2024/ventes.csv": "code;prix\n03;3,5\n",
        "in/2024/ventes.json": '[{"code":"04"},{"code":"05"},{"code":"06"}]',
        "in/2024/lisez-moi.pdf": "%PDF-1.7\n%âãÏÓ\n1 0 obj\n<<>>\nendobj\n",
        "in/.cache/old.csv": "a\n1\n",
      }
      yield* Effect.promise(async () => {
        for (const [name, text] of Object.entries(files)) {
          await mkdir(dirname(join(folder, name)), { recursive: true })
          await writeFile(join(folder, name), text)
        }
        await cp(join(corpus, "shapefile-plu-lambert93"), join(folder, "in/plu"), { recursive: true })
      })
      const whole = yield* odh(["convert", "in", "--to", "out", "--as", "csv", "--json"], { cwd: folder })
      assert.strictEqual(whole.code, 0, whole.err)
      assert.include(whole.err, "lisez-moi.pdf")
      const names = readdirSync(join(folder, "out"))
      assert.includeMembers(names, ["ventes_2023.csv", "ventes_2024_csv.csv", "ventes_json.csv"])
      assert.lengthOf(
        names.filter((name) => name.includes("old") || name.includes("dbf")),
        0,
      )
      const pattern = yield* odh(["convert", "in/*/ventes.csv", "--to", "two.duckdb"], { cwd: folder })
      assert.strictEqual(pattern.code, 0, pattern.err)
      const tables = yield* ask(join(folder, "two.duckdb"), "select table_name as t from duckdb_tables() order by 1")
      assert.deepStrictEqual(
        tables.map((row) => row["t"]),
        ["ventes_2023", "ventes_2024"],
      )
      const nothing = yield* odh(["convert", "in/*.xyz", "--to", "no.parquet"], { cwd: folder })
      assert.deepStrictEqual([nothing.code, nothing.err.includes("no file has such a name")], [78, true], nothing.err)

      const remote = yield* emptyPortal
      const one = dataset({
        slug: "ici",
        title: "ici",
        resources: [{ title: "ici.csv", content: { bytes: "a;b\n1;2\n" } }],
      })
      remote.add(one)
      const url = `${remote.url}/api/1/datasets/r/${one.resources[0]?.id ?? ""}`
      const guarded = yield* odh(["convert", url, "--to", "ici.parquet"], { cwd: folder })
      assert.deepStrictEqual([guarded.code, guarded.err.includes("127.0.0.1")], [78, true], guarded.err)
      yield* writeConfig(folder, remote.url, `{ network: { allowPrivate: ["127.0.0.1"] } }`)
      const fetched = yield* odh(["convert", url, "--to", "ici.parquet"], { cwd: folder })
      assert.strictEqual(fetched.code, 0, fetched.err)
      assert.strictEqual(yield* count(folder, `read_parquet('${join(folder, "ici.parquet")}')`), 1)
      const inspected = yield* odh(["inspect", url], { cwd: folder })
      assert.include(inspected.out, "ici.csv")
    }),
  )

  it.effect("as text keeps the text; rejects go to their file with their raw text", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const values = Array.from({ length: 2_000 }, (_, n) => (n === 999 ? "voir note" : `${n},50`))
      yield* Effect.promise(() =>
        writeFile(join(folder, "prix.csv"), `code;prix\n${values.map((value, n) => `${n};${value}`).join("\n")}\n`),
      )
      const typed = yield* odh(["convert", "prix.csv", "--to", "prix.csv.parquet", "--rejects", "rejects.parquet"], {
        cwd: folder,
      })
      assert.strictEqual(typed.code, 0, typed.err)
      assert.strictEqual(
        yield* count(folder, `read_parquet('${join(folder, "prix.csv.parquet")}') where prix is null`),
        1,
      )
      assert.strictEqual(
        yield* count(
          folder,
          `read_parquet('${join(folder, "rejects.parquet")}') where raw = 'voir note' and _row = 1000 and column_name = 'prix'`,
        ),
        1,
      )
      yield* odh(["convert", "prix.csv", "--to", "text.parquet", "--types", "text"], { cwd: folder })
      assert.strictEqual(
        yield* count(
          folder,
          `read_parquet('${join(folder, "text.parquet")}') where prix = '0,50' or prix = 'voir note'`,
        ),
        2,
      )
      const unwritable = yield* odh(["convert", "prix.csv", "--to", "prix.csv/out.parquet"], { cwd: folder })
      assert.deepStrictEqual(
        [unwritable.code, unwritable.err.includes("cannot be written")],
        [64, true],
        unwritable.err,
      )
    }),
  )
})
