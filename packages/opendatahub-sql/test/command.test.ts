import { assert, beforeAll, describe, it } from "@effect/vitest"
import { openDatabase } from "@opendatahub-sql/engine-duckdb"
import { dataset, type Portal, startDatagouv } from "@opendatahub-sql/testkit/datagouv"
import { Ajv2020 } from "ajv/dist/2020.js"
import * as Effect from "effect/Effect"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterAll } from "vitest"
import { commands } from "../src/cli/commands.ts"
import { type CommandOptions, jsonLines, odh, writeConfig } from "./support/command.ts"
import { ask, corpus, emptyPortal, temporaryFolder } from "./support/place.ts"

const holidays = join(corpus, "jours-feries/jours_feries_metropole.csv")
const gtfs = join(corpus, "gtfs-frioul-bom-md5/gtfs.zip")

/** A hub that was synced once: what the commands that look at it are asked about. */
let portal: Portal
let cwd = ""
beforeAll(async () => {
  portal = await startDatagouv({ files: corpus })
  cwd = await mkdtemp(join(tmpdir(), "odh-command-"))
  await Effect.runPromise(
    writeConfig(
      cwd,
      portal.url,
      `{
    network: { allowPrivate: ["127.0.0.1"] },
    sources: [datagouv({ url: portal, datasets: ["jours-feries-en-france", { id: "reseaux-de-transports-en-commun-de-la-metropole-daix-marseille-provence", into: "gtfs" }] })],
    tables: { jours_feries_en_france_metropole: { columns: { value: "bigint" } } },
  }`,
    ),
  )
  const { code, err } = await Effect.runPromise(odh(["sync"], { cwd }))
  assert.strictEqual(code, 0, err)
}, 60_000)
afterAll(async () => {
  await portal.close()
  await rm(cwd, { recursive: true, force: true })
})

const run = (...args: ReadonlyArray<string>) => odh(args, { cwd })
/** Runs with `--json`: one value on standard output, JSON lines on standard error. */
const json = Effect.fnUntraced(function* (args: ReadonlyArray<string>, options: CommandOptions = { cwd }) {
  const { code, out, err } = yield* odh([...args, "--json"], options)
  for (const line of jsonLines(err)) assert.containsAllKeys(line, ["at", "level", "message"])
  return { code, values: jsonLines(out), log: jsonLines(err) }
})

describe("help", () => {
  it.effect("lists every command, every exit code, and is what odh says without a command", () =>
    Effect.gen(function* () {
      const { code, out, err } = yield* run("--help")
      assert.deepStrictEqual([code, err], [0, ""])
      for (const { name, summary } of commands)
        assert.match(out, new RegExp(`^  ${name} .*${summary.replaceAll(/[.?()]/g, ".")}$`, "m"))
      for (const exit of ["0 ", "99", "65", "75", "78", "64", "130", "70"]) assert.include(out, exit)
      assert.strictEqual((yield* run()).out, out)
      assert.match((yield* run("--version")).out, /^\d+\.\d+\.\d+\n$/)
    }),
  )

  it.effect(
    "of every command shows its use, options and an example that the command line accepts",
    () =>
      Effect.forEach(
        commands,
        (command) =>
          Effect.gen(function* () {
            const { code, out } = yield* run(...command.name.split(" "), "--help")
            assert.strictEqual(code, 0)
            assert.include(out, `odh ${command.name}`)
            assert.include(out, command.summary)
            for (const option of [...Object.keys(command.options), "config", "lake", "json", "quiet"])
              assert.include(out, `--${option}`)
            for (const example of command.examples) assert.include(out, example)
            assert.strictEqual((yield* run("help", ...command.name.split(" "))).out, out)
          }),
        { concurrency: 2, discard: true },
      ),
    120_000,
  )
})

describe("odh init", () => {
  it.effect("writes a configuration once, that the command reads", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const first = yield* odh(["init", "hub"], { cwd: folder })
      assert.strictEqual(first.code, 0, first.err)
      assert.match(first.out, /odh plan.*odh sync/)
      const again = yield* odh(["init", "hub"], { cwd: folder })
      assert.deepStrictEqual([again.code, again.err.includes("left as it is")], [64, true])
      const text = readFileSync(join(folder, "hub/odh.config.ts"), "utf8").replace(
        '"opendatahub-sql"',
        JSON.stringify(new URL("../src/index.ts", import.meta.url).pathname),
      )
      yield* Effect.promise(() => writeFile(join(folder, "hub/odh.config.ts"), text))
      const status = yield* odh(["status"], { cwd: join(folder, "hub") })
      assert.deepStrictEqual([status.code, status.err.includes("run `odh sync` first")], [78, true], status.err)
    }),
  )
})

/** Where a value departs from a schema that core publishes. */
const violations = (name: "run-result" | "work-item", value: unknown): ReadonlyArray<string> => {
  const file = new URL(import.meta.resolve(`@opendatahub-sql/core/${name}.schema.json`))
  const schema = new Ajv2020()
  schema.validate(JSON.parse(readFileSync(file, "utf8")) as object, value)
  return (schema.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ""}`)
}

describe("odh plan and odh run", () => {
  it.effect(
    "an item is a line that another process runs: loaded, then 99 when nothing changed",
    () =>
      Effect.gen(function* () {
        const folder = yield* temporaryFolder
        yield* Effect.promise(() => writeFile(join(folder, "odh.config.ts"), readFileSync(join(cwd, "odh.config.ts"))))
        const planned = yield* odh(["plan", "jours-feries-en-france"], { cwd: folder })
        assert.strictEqual(planned.code, 0, planned.err)
        const [item] = planned.out.split("\n")
        assert.strictEqual(jsonLines(planned.out).length, 1)
        const first = yield* json(["run", "@-", "--result", "result.json"], { cwd: folder, input: item ?? "" })
        assert.strictEqual(first.code, 0)
        const [result] = first.values
        assert.deepStrictEqual(JSON.parse(readFileSync(join(folder, "result.json"), "utf8")), result)
        assert.deepStrictEqual(violations("work-item", JSON.parse(item ?? "")), [])
        assert.deepStrictEqual(violations("run-result", result), [])
        assert.deepInclude(result, { schemaVersion: 1, status: "loaded", source: "datagouv" })
        assert.match(JSON.stringify(result?.["warnings"]), /285 of 285 records .*odh rejects/)
        assert.containsAllKeys(result, ["resources", "startedAt", "endedAt"])
        const [resource] = (result?.["resources"] ?? []) as ReadonlyArray<{
          readonly tables: ReadonlyArray<Readonly<Record<string, unknown>>>
        }>
        assert.deepInclude(resource?.tables[0], {
          name: "jours_feries_en_france_jours_feries_metropole",
          rows: 286,
          rejects: 0,
          columns: 4,
          schemaChange: "create",
        })
        assert.isTrue(first.log.some((line) => line["message"] === "resource done" && line["rows"] === 286))
        yield* Effect.promise(() => writeFile(join(folder, "item.json"), item ?? ""))
        const second = yield* json(["run", "@item.json"], { cwd: folder })
        assert.deepStrictEqual([second.code, second.values[0]?.["status"]], [99, "unchanged"])
        assert.deepStrictEqual(violations("run-result", second.values[0]), [])
        const unwritable = yield* odh(["run", "@item.json", "--result", "odh.config.ts/x.json"], { cwd: folder })
        assert.deepStrictEqual([unwritable.code, /cannot be written/.test(unwritable.err)], [64, true], unwritable.err)
      }),
    60_000,
  )

  it.live(
    "with --exit-with-parent it ends when standard input closes",
    () =>
      Effect.gen(function* () {
        const folder = yield* temporaryFolder
        yield* Effect.promise(() => writeFile(join(folder, "odh.config.ts"), readFileSync(join(cwd, "odh.config.ts"))))
        const { out } = yield* odh(["plan", "jours-feries-en-france"], { cwd: folder })
        portal.misbehave("/remote/*", { kind: "hang" })
        const ended = yield* odh(["run", out.trim(), "--exit-with-parent"], { cwd: folder, input: "" })
        portal.behave()
        assert.strictEqual(ended.code, 130, ended.err)
      }),
    60_000,
  )

  it.effect("an item of a source that the configuration lacks is refused, with what to add", () =>
    Effect.gen(function* () {
      const { out } = yield* run("plan", "jours-feries-en-france")
      const folder = yield* temporaryFolder
      yield* Effect.promise(() => writeFile(join(folder, "odh.config.ts"), readFileSync(join(cwd, "odh.config.ts"))))
      const { code, values } = yield* json(["run", out.trim().replaceAll('"datagouv"', '"elsewhere"')], { cwd: folder })
      assert.strictEqual(code, 78)
      assert.include(JSON.stringify(values), "add it to `sources`")
      assert.deepStrictEqual(violations("run-result", values[0]), [])
      assert.isNotEmpty(violations("run-result", { ...values[0], status: "lost" }))
    }),
  )
})

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

describe("odh query", () => {
  it.effect("gives exact values as JSON lines, and a table to people", () =>
    Effect.gen(function* () {
      const sql =
        "select 9007199254740993::bigint as large, 1.10::decimal(5,2) as price, date '2026-01-31' as day, timestamptz '2026-01-31 12:00:00+02' as instant, 'é;\"' as word, null as nothing, true as yes"
      const { code, values } = yield* json(["query", sql])
      assert.strictEqual(code, 0)
      assert.deepStrictEqual(
        values,
        [
          {
            large: "9007199254740993",
            price: "1.10",
            day: "2026-01-31",
            instant: "2026-01-31T10:00:00.000Z",
            word: 'é;"',
            nothing: null,
            yes: true,
          },
        ].map((row) => ({ ...row, instant: values[0]?.["instant"] })),
      )
      assert.match(String(values[0]?.["instant"]), /^2026-01-31T10:00:00(\.0+)?Z$/)
      const { out } = yield* run("query", "select count(*) as n from gtfs_stops")
      assert.match(out, /^n\n─+\n9\n$/)
      assert.strictEqual((yield* json(["query", "from range(20000)"])).values.length, 20_000)
      assert.include((yield* run("query", "from range(300)")).out, "the first 200 rows; `--json` gives them all")
    }),
  )

  it.effect("a mistake in SQL is a usage error; it cannot write; a missing warehouse says what makes it", () =>
    Effect.gen(function* () {
      const wrong = yield* run("query", "select nope from gtfs_stops")
      assert.deepStrictEqual([wrong.code, wrong.err.includes("nope"), wrong.out], [64, true, ""], wrong.err)
      const writing = yield* run("query", "create table t (a int)")
      assert.deepStrictEqual([writing.code, writing.err.includes("read-only")], [64, true], writing.err)
      const missing = yield* run("query", "select 1", "--sink", "nowhere.duckdb")
      assert.deepStrictEqual([missing.code, missing.err.includes("`odh sync` makes it")], [78, true], missing.err)
    }),
  )
})

describe("what looks at a hub", () => {
  it.effect("search finds datasets by words and filters, and says how to bring one here", () =>
    Effect.gen(function* () {
      const { code, out, err } = yield* run("search", "jours", "feries")
      assert.strictEqual(code, 0, err)
      assert.match(out, /jours-feries-en-france +Jours fériés/)
      assert.include(out, "odh sync DATASET")
      const { values } = yield* json(["search", "jours feries", "--max", "1"])
      const [offers] = values as unknown as ReadonlyArray<ReadonlyArray<Readonly<Record<string, unknown>>>>
      assert.deepInclude(offers?.[0], { source: "datagouv", slug: "jours-feries-en-france" })
      assert.strictEqual((yield* run("search")).code, 64)
      const unknown = yield* run("search", "x", "--filter", "licence=lov2")
      assert.deepStrictEqual([unknown.code, unknown.err.includes("license")], [78, true], unknown.err)
    }),
  )

  it.effect(
    "status, runs and tables tell people and programs the same",
    () =>
      Effect.gen(function* () {
        const status = yield* json(["status"])
        assert.strictEqual((status.values[0] as unknown as ReadonlyArray<unknown>).length, 3)
        assert.match((yield* run("status")).out, /metropole\.json +1 .*Z .*yes .*fine/)
        assert.match((yield* run("runs")).out, /sync +done +3 loaded/)
        const tables = yield* json(["tables"])
        const [all] = tables.values as unknown as ReadonlyArray<
          ReadonlyArray<{ readonly table: string; readonly rows: number }>
        >
        assert.strictEqual(all?.find((one) => one.table === "gtfs_stop_times")?.rows, 140)
        assert.match((yield* run("tables")).out, /gtfs_stop_times +140/)
      }),
    60_000,
  )

  it.effect("rejects: counts by table, then the raw texts of one", () =>
    Effect.gen(function* () {
      assert.match((yield* run("rejects")).out, /jours_feries_en_france_metropole +cell +value .* 285 /)
      const { values } = yield* json(["rejects", "jours_feries_en_france_metropole", "--last", "3"])
      assert.lengthOf(values, 3)
      assert.deepInclude(values[0], { column: "value" })
      assert.isTrue(values.every((row) => typeof row["raw"] === "string" && row["raw"] !== ""))
    }),
  )

  it.effect(
    "lake ls shows what is kept, lake verify that it is whole; one bit more and it says which file",
    () =>
      Effect.gen(function* () {
        const { out } = yield* run("lake", "ls")
        for (const words of ["Jours fériés en France", "metropole.json", "raw/source=datagouv/", "gtfs.zip"])
          assert.include(out, words)
        const whole = yield* run("lake", "verify")
        assert.deepStrictEqual(
          [whole.code, /3 records, 3 files.*all as recorded/.test(whole.out)],
          [0, true],
          whole.out,
        )
        const path = /raw\/source=datagouv\/\S+\.json/.exec(out)?.[0] ?? ""
        const file = join(cwd, "data/lake", path)
        const before = readFileSync(file)
        yield* Effect.promise(() => rm(file).then(() => writeFile(file, Buffer.concat([before, Buffer.from(" ")]))))
        const spoiled = yield* run("lake", "verify")
        assert.strictEqual(spoiled.code, 65)
        assert.include(spoiled.out, path.slice(0, 20))
        yield* Effect.promise(() => rm(file).then(() => writeFile(file, before)))
        assert.strictEqual((yield* run("lake", "verify")).code, 0)
      }),
    60_000,
  )

  it.effect(
    "replay finds everything loaded; a state that is made again tells the same",
    () =>
      Effect.gen(function* () {
        const replay = yield* json(["replay"])
        assert.deepStrictEqual([replay.code, replay.values[0]?.["status"]], [0, "unchanged"])
        assert.include((yield* run("replay", "--to", "2020-01-01")).out, "nothing to do")
        const before = yield* json(["tables"])
        const rebuilt = yield* run("state", "rebuild")
        assert.deepStrictEqual([rebuilt.code, rebuilt.out.includes("made again")], [0, true])
        assert.deepStrictEqual((yield* json(["tables"])).values, before.values)
      }),
    60_000,
  )

  it.effect("sync --only keeps to the resources of one table; --quiet says nothing but the result", () =>
    Effect.gen(function* () {
      const { code, out, err } = yield* run("sync", "--only", "gtfs", "--quiet")
      assert.deepStrictEqual([code, err], [0, ""])
      assert.match(out, /gtfs\.zip +unchanged/)
      assert.notInclude(out, "jours-feries")
    }),
  )

  it.effect("doctor checks what a run needs", () =>
    Effect.gen(function* () {
      const { code, out } = yield* run("doctor")
      assert.strictEqual(code, 0, out)
      for (const words of ["Node", "DuckDB", "sources datagouv", "free", "opens"]) assert.include(out, words)
      assert.notInclude(out, "NOT OK")
    }),
  )

  it.effect("--lake and ODH_LAKE take another lake", () =>
    Effect.gen(function* () {
      assert.include((yield* run("status", "--lake", "./other")).err, "there is no lake at")
      assert.include((yield* odh(["status"], { cwd, env: { ODH_LAKE: "./other" } })).err, join(cwd, "other"))
    }),
  )

  it.effect("warnings of the packages are remarks, not results", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      yield* writeConfig(
        folder,
        portal.url,
        '{ sources: [datagouv({ url: portal, search: [{ organization: "institut-national-de-la-statistique-et-des-etudes-economiques-insee", max: 1 }] })] }',
      )
      const { code, values, log } = yield* json(["plan"], { cwd: folder })
      assert.strictEqual(code, 0)
      assert.lengthOf(values, 1)
      assert.isTrue(
        log.some((line) => line["level"] === "warn" && String(line["message"]).includes("max")),
        JSON.stringify(log),
      )
    }),
  )
})
