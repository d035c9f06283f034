import { assert, describe, it } from "@effect/vitest"
import { verify } from "@opendatahub-sql/lake"
import { type Behaviour, dataset, type Portal } from "@opendatahub-sql/testkit/datagouv"
import * as Effect from "effect/Effect"
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs"
import { rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { jsonLines, odh, writeConfig } from "./support/command.ts"
import { hubOf, placeIn, sync, words } from "./support/hub.ts"
import { ask, corpus, emptyPortal, portalWith, temporaryFolder } from "./support/place.ts"

const GOOD = "code;valeur\n01001;1\n"
const SECRET = "cle-tres-secrete-4711"

const add = (portal: Portal, slug: string, bytes: Uint8Array | string, name = `${slug}.csv`): string => {
  const one = dataset({ slug, title: slug, resources: [{ title: name, content: { bytes } }] })
  portal.add(one)
  return one.resources[0]?.id ?? ""
}

const configOf = (datasets: ReadonlyArray<string>, more = ""): string => `{
  network: { allowPrivate: ["127.0.0.1"] },
  sources: [datagouv({ url: portal, datasets: ${JSON.stringify(datasets)} })],
  ${more}
}`

/** A folder with a configuration of these datasets. */
const configured = Effect.fnUntraced(function* (portal: Portal, datasets: ReadonlyArray<string>, more?: string) {
  const cwd = yield* temporaryFolder
  yield* writeConfig(cwd, portal.url, configOf(datasets, more))
  return cwd
})

describe("a wrong configuration", () => {
  it.effect("is told in full, with paths and hints, before anything is done", () =>
    Effect.gen(function* () {
      const cwd = yield* temporaryFolder
      yield* writeConfig(
        cwd,
        "http://127.0.0.1:9",
        `{
        lakee: "./lake",
        concurrency: 0,
        sources: [datagouv({ datasets: [{ id: "not an id", resource: {} }], apiKey: "${SECRET}" })],
        sinks: [duckdb({ path: "" }), duckdb],
        tables: { "Mes Lieux": {}, lieux: { mode: "weekly", columns: { com: "varchar" } } },
      }`,
      )
      const { code, out, err } = yield* odh(["sync"], { cwd })
      assert.strictEqual(code, 78, err)
      assert.strictEqual(out, "")
      for (const words of [
        'lakee: unknown key (did you mean "lake"?)',
        "concurrency",
        "sources[0] (datagouv).datasets[0]",
        "DATAGOUV_API_KEY",
        "sinks[0] (duckdb).path",
        "sinks[1]: is not a configured plugin",
        "mes_lieux",
        "tables.lieux.mode",
        "tables.lieux.columns.com",
      ]) {
        assert.include(err, words)
      }
      assert.notInclude(err, SECRET)
      assert.deepStrictEqual(readdirSync(cwd), ["odh.config.ts"])
    }),
  )

  it.effect("that cannot be loaded says which file, why, and what is expected", () =>
    Effect.gen(function* () {
      const cwd = yield* temporaryFolder
      const told = (text: string) =>
        Effect.promise(() => writeFile(join(cwd, "odh.config.ts"), text)).pipe(Effect.andThen(odh(["plan"], { cwd })))
      for (const [text, words] of [
        ["export const config = {}", "no default export"],
        ["export default 3", "defineConfig"],
        ['import "./nowhere.ts"\nexport default {}', "nowhere.ts"],
        ["export default {", "odh.config.ts could not be loaded"],
      ] as const) {
        const { code, err } = yield* told(text)
        assert.strictEqual(code, 78, text)
        assert.include(err, words)
        assert.notInclude(err, "    at ", "a stack is not for users")
      }
      const missing = yield* odh(["plan", "--config", "elsewhere.ts"], { cwd })
      assert.deepStrictEqual(
        [missing.code, missing.err.includes("there is no such file (`odh init` writes one)")],
        [78, true],
        missing.err,
      )
    }),
  )

  it.effect("environment variables are checked like the file", () =>
    Effect.gen(function* () {
      const cwd = yield* temporaryFolder
      yield* writeConfig(cwd, "http://127.0.0.1:9", "{}")
      const { code, err } = yield* odh(["status"], { cwd, env: { ODH_CONCURRENCY: "many", ODH_MEMORY_LIMIT: "-1" } })
      assert.strictEqual(code, 78)
      assert.include(err, "concurrency: expected a whole number above 0")
      assert.include(err, "memoryLimit: expected a whole number above 0")
    }),
  )
})

describe("mistakes on the command line", () => {
  it.effect("are usage errors that say what is right", () =>
    Effect.gen(function* () {
      const cwd = yield* temporaryFolder
      const cases: ReadonlyArray<readonly [ReadonlyArray<string>, string]> = [
        [["snyc"], "did you mean `odh sync`?"],
        [["lake"], "`odh lake ls`"],
        [["sync", "--onyl", "x"], "--onyl"],
        [["status", "extra"], '"extra" is too much'],
        [["query"], "needs SQL"],
        [["run", "{}"], "give a line of `odh plan`"],
        [["run", "@missing.json"], "give a line of `odh plan`"],
        [["convert", "a.csv"], "--to OUT is missing"],
        [["convert", "a.csv", "--to", "a.txt"], ".parquet, .csv, .ndjson, .duckdb"],
        [["convert", "a.csv", "--to", "a.parquet", "--types", "maybe"], "auto or text"],
        [["rejects", "--last", "x"], "whole number"],
        [["replay", "--from", "yesterday"], "2026-01-31"],
        [["replay", "inconnu"], "odh lake ls"],
      ]
      yield* Effect.forEach(
        cases,
        ([args, words]) =>
          Effect.gen(function* () {
            const { code, out, err } = yield* odh(args, { cwd })
            assert.strictEqual(code, 64, `${args.join(" ")}: ${err}`)
            assert.include(err, words, args.join(" "))
            assert.strictEqual(out, "")
          }),
        { concurrency: 2 },
      )
    }),
  )
})

describe("a dataset that nobody knows", () => {
  it.effect("is told, and the others are done; alone it is a mistake of the configuration", () =>
    Effect.gen(function* () {
      const portal = yield* emptyPortal
      add(portal, "bon", GOOD)
      const cwd = yield* configured(portal, ["bon", "inconnu"])
      const both = yield* odh(["sync"], { cwd })
      assert.strictEqual(both.code, 0)
      assert.match(both.err, /inconnu: private-or-missing: .*check the name, or set DATAGOUV_API_KEY/)
      assert.match(both.out, /bon\.csv +loaded/)
      const alone = yield* odh(["sync", "inconnu"], { cwd })
      assert.deepStrictEqual([alone.code, alone.out], [78, "nothing to do\n"], alone.err)
      assert.strictEqual((yield* odh(["plan", "inconnu"], { cwd })).code, 78)
    }),
  )

  it.effect("in a lake that is there, replay says what to look at", () =>
    Effect.gen(function* () {
      const portal = yield* emptyPortal
      add(portal, "bon", GOOD)
      const cwd = yield* configured(portal, ["bon"])
      yield* odh(["sync"], { cwd })
      assert.strictEqual((yield* odh(["replay", "bon"], { cwd })).code, 0)
      assert.strictEqual((yield* odh(["replay", "mauvais"], { cwd })).code, 64)
    }),
  )
})

describe("a file that is not what it says", () => {
  const truncated = () => readFileSync(join(corpus, "gtfs-frioul-bom-md5/gtfs.zip")).subarray(0, 1_500)
  const cases: ReadonlyArray<readonly [string, string, () => Uint8Array | string, RegExp]> = [
    ["a page instead of CSV", "page.csv", () => "<!DOCTYPE html>\n<html><body>Maintenance</body></html>", /HTML page/],
    ["an archive that is cut", "coupe.zip", truncated, /cut short/],
    ["an empty file", "vide.csv", () => "", /empty file/],
    [
      "a workbook behind a password, under the name of CSV",
      "classeur.csv",
      () => readFileSync(join(corpus, "../../packages/format-excel/test/fixtures/made/password.xlsx")),
      /password/,
    ],
    ["JSON that is cut", "coupe.json", () => '[{"a": 1}, {"a": ', /coupe\.json/],
  ]
  for (const [what, name, bytes, message] of cases) {
    it.effect(
      `${what}: exit 65 alone, others are done, the bytes are kept, and it is said again next time`,
      () =>
        Effect.gen(function* () {
          const portal = yield* emptyPortal
          const slug = name.replace(/\..*$/, "")
          add(portal, slug, bytes(), name)
          add(portal, "bon", GOOD)
          const cwd = yield* configured(portal, [slug, "bon"])
          const alone = yield* odh(["sync", slug, "--json"], { cwd })
          assert.strictEqual(alone.code, 65, alone.err)
          const [report] = jsonLines(alone.out) as ReadonlyArray<{
            readonly status: string
            readonly resources: ReadonlyArray<{
              readonly failure: { readonly message: string; readonly reason: string }
            }>
          }>
          assert.strictEqual(report?.status, "rejected")
          assert.match(report?.resources[0]?.failure.message ?? "", message)
          const both = yield* odh(["sync"], { cwd })
          assert.strictEqual(both.code, 0, both.err)
          assert.match(both.out, /bon\.csv +loaded/)
          assert.match(both.out, /as it was when it was refused/)
          assert.match(both.out, message)
          assert.deepStrictEqual((yield* verify(join(cwd, "data/lake"))).records, 2)
          assert.match((yield* odh(["status"], { cwd })).out, message)
        }),
      60_000,
    )
  }

  it.effect("mended by the publisher, is loaded with the next look", () =>
    Effect.gen(function* () {
      const portal = yield* emptyPortal
      const place = placeIn(yield* temporaryFolder)
      const id = add(portal, "fichier", "<html></html>")
      const hub = yield* hubOf(place, portal, ["fichier"])
      assert.match(words(yield* sync(hub))[0] ?? "", /^fichier\.csv: rejected/)
      portal.replace(id, { bytes: GOOD })
      assert.deepStrictEqual(words(yield* sync(hub)), ["fichier.csv: loaded"])
    }),
  )
})

describe("two resources of one table", () => {
  it.effect(
    "the second is refused with what to write, the first stays; written on purpose, both are there",
    () =>
      Effect.gen(function* () {
        const portal = yield* emptyPortal
        add(portal, "eau-potable", "a\n1\n")
        portal.add(
          dataset({
            slug: "eau",
            title: "Eau",
            resources: [
              { title: "potable.csv", content: { bytes: "a\n2\n" } },
              { title: "usee.csv", content: { bytes: "b\n2\n" } },
            ],
          }),
        )
        const cwd = yield* configured(portal, ["eau-potable", "eau"])
        const rows = ask(join(cwd, "data/warehouse.duckdb"), "select a from bronze.eau_potable order by 1")
        assert.strictEqual((yield* odh(["sync", "eau-potable"], { cwd })).code, 0)
        const clash = yield* odh(["sync", "eau"], { cwd })
        assert.strictEqual(clash.code, 0, clash.err)
        assert.match(clash.out, /1 failed/)
        assert.match(clash.out, /1 loaded/)
        assert.match(clash.out, /the table "eau_potable" already belongs to .*`into`/)
        assert.deepStrictEqual(yield* rows, [{ a: 1n }])
        const wanted = '["eau-potable", { id: "eau", resources: { title: "potable*" }, into: "eau_potable" }]'
        yield* writeConfig(
          cwd,
          portal.url,
          `{ network: { allowPrivate: ["127.0.0.1"] }, sources: [datagouv({ url: portal, datasets: ${wanted} })] }`,
        )
        portal.clear()
        assert.match((yield* odh(["sync", "eau"], { cwd })).out, /1 loaded/)
        assert.deepStrictEqual(yield* rows, [{ a: 1n }, { a: 2n }])
        yield* Effect.promise(() => rm(join(cwd, "data/warehouse.duckdb")))
        assert.strictEqual((yield* odh(["replay"], { cwd })).code, 0)
        assert.deepStrictEqual(yield* rows, [{ a: 1n }, { a: 2n }], "a replay knows where they went")
      }),
    60_000,
  )
})

describe("a server that fails", () => {
  const cases: ReadonlyArray<readonly [string, Behaviour, number, RegExp]> = [
    ["404", { kind: "status", status: 404 }, 75, /404.*not there any more/],
    ["410", { kind: "status", status: 410 }, 75, /410.*not there any more/],
    ["429 and a long wait", { kind: "status", status: 429, retryAfter: 3600 }, 75, /429.*3600 s/],
  ]
  for (const [what, behaviour, code, message] of cases) {
    it.effect(
      `${what}: the resource failed, the other is loaded, and nothing is kept of it`,
      () =>
        Effect.gen(function* () {
          const portal = yield* emptyPortal
          const id = add(portal, "mauvais", GOOD)
          add(portal, "bon", GOOD)
          portal.misbehave(id, behaviour)
          const cwd = yield* configured(portal, ["mauvais", "bon"])
          const both = yield* odh(["sync"], { cwd })
          assert.strictEqual(both.code, 0, both.err)
          assert.match(both.out, message)
          assert.match(both.out, /bon\.csv +loaded/)
          const alone = yield* odh(["sync", "mauvais"], { cwd })
          assert.strictEqual(alone.code, code, alone.out)
          portal.behave()
          assert.match((yield* odh(["sync", "mauvais"], { cwd })).out, /1 loaded/)
          assert.deepStrictEqual((yield* verify(join(cwd, "data/lake"))).problems, [])
        }),
      120_000,
    )
  }

  it.effect(
    "that cuts and is slow once or twice is asked again, and what came is continued",
    () =>
      Effect.gen(function* () {
        const portal = yield* emptyPortal
        const place = placeIn(yield* temporaryFolder)
        const rows = `code;valeur\n${Array.from({ length: 20_000 }, (_, i) => `${String(i).padStart(5, "0")};${i}\n`).join("")}`
        const id = add(portal, "coupe", rows)
        portal.misbehave(id, { kind: "cut", afterBytes: 100_000 }, 1)
        portal.misbehave(id, { kind: "status", status: 503 }, 1)
        portal.misbehave(id, { kind: "slow", bytesPerSecond: 400_000 }, 1)
        assert.deepStrictEqual(words(yield* sync(yield* hubOf(place, portal, ["coupe"]))), ["coupe.csv: loaded"])
        const [row] = yield* ask(
          place.warehouse,
          "select count(*)::int as rows, sum(valeur)::varchar as sum from bronze.coupe",
        )
        assert.deepStrictEqual(row, { rows: 20_000, sum: "199990000" })
        assert.isTrue(
          portal.requests.some(({ headers }) => headers["range"] === "bytes=100000-"),
          "it went on where it was cut",
        )
      }),
    60_000,
  )

  it.effect("to whose private address the configuration says nothing is not asked", () =>
    Effect.gen(function* () {
      const portal = yield* emptyPortal
      add(portal, "bon", GOOD)
      const cwd = yield* temporaryFolder
      yield* writeConfig(cwd, portal.url, '{ sources: [datagouv({ url: portal, datasets: ["bon"] })] }')
      const { code, out } = yield* odh(["sync"], { cwd })
      assert.strictEqual(code, 78, out)
      assert.match(out, /allowPrivate/)
    }),
  )
})

describe("a destination that fails", () => {
  it.effect("a path that cannot be made: exit 78, with the path", () =>
    Effect.gen(function* () {
      const portal = yield* emptyPortal
      add(portal, "bon", GOOD)
      const cwd = yield* configured(portal, ["bon"], 'sinks: [duckdb({ path: "./odh.config.ts/warehouse.duckdb" })],')
      const { code, err } = yield* odh(["sync"], { cwd })
      assert.strictEqual(code, 78, err)
      assert.match(err, /odh\.config\.ts\/warehouse\.duckdb.*correct `path`/s)
      assert.strictEqual((yield* odh(["doctor"], { cwd })).code, 78)
    }),
  )

  it.effect("a file that is no database: it is left as it is, and the message names it", () =>
    Effect.gen(function* () {
      const portal = yield* emptyPortal
      add(portal, "bon", GOOD)
      const cwd = yield* configured(portal, ["bon"], 'sinks: [duckdb({ path: "./notes.duckdb" })],')
      yield* Effect.promise(() => writeFile(join(cwd, "notes.duckdb"), "these are notes\n".repeat(1_000)))
      const { code, err } = yield* odh(["sync"], { cwd })
      assert.notStrictEqual(code, 0)
      assert.include(err, "notes.duckdb")
      assert.strictEqual(statSync(join(cwd, "notes.duckdb")).size, 16_000)
    }),
  )

  it.live(
    "two processes and one file: the second waits; after lockTimeout it says to try again, and keeps nothing half",
    () =>
      Effect.gen(function* () {
        const portal = yield* emptyPortal
        const id = add(portal, "lent", GOOD)
        add(portal, "bon", GOOD)
        const sinks = (lockTimeout: number): string =>
          `sinks: [duckdb({ path: "./w.duckdb", lockTimeout: ${lockTimeout} })],`
        const cwd = yield* configured(portal, ["lent", "bon"], sinks(30_000))
        portal.misbehave(id, { kind: "hang" })
        const asked = portal.nextRequest(({ path }) => path.includes("lent.csv"))
        yield* Effect.scoped(
          Effect.gen(function* () {
            yield* Effect.forkScoped(odh(["sync", "lent"], { cwd }))
            yield* Effect.promise(() => asked)
            yield* writeConfig(cwd, portal.url, configOf(["lent", "bon"], sinks(200)))
            const { code, err } = yield* odh(["sync", "bon"], { cwd })
            assert.strictEqual(code, 75, err)
            assert.match(err, /w\.duckdb.*another process/s)
          }),
        )
        const after = yield* odh(["sync", "bon"], { cwd })
        assert.strictEqual(after.code, 0, after.err)
      }),
    60_000,
  )

  it.live(
    "two processes on one lake and one warehouse at once: everything once",
    () =>
      Effect.gen(function* () {
        const portal = yield* emptyPortal
        for (const slug of ["un", "deux", "trois"]) add(portal, slug, GOOD)
        const cwd = yield* configured(portal, ["un", "deux", "trois"])
        const both = yield* Effect.all([odh(["sync"], { cwd }), odh(["sync"], { cwd })], { concurrency: 2 })
        assert.deepStrictEqual(
          both.map(({ code }) => code),
          [0, 0],
          both.map(({ err }) => err).join("\n"),
        )
        const loads = yield* ask(join(cwd, "data/warehouse.duckdb"), "select count(*)::int as loads from odh.loads")
        assert.deepStrictEqual(loads, [{ loads: 3 }])
        const found = yield* verify(join(cwd, "data/lake"))
        assert.deepStrictEqual([found.records, found.problems], [3, []])
      }),
    90_000,
  )
})

/** Bytes of the largest download under way. */
const received = (work: string): number =>
  !existsSync(work)
    ? 0
    : Math.max(
        0,
        ...readdirSync(work, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0),
      )

describe("Ctrl-C", () => {
  it.live(
    "ends the run with 130, and the next one goes on where it was",
    () =>
      Effect.gen(function* () {
        const portal = yield* emptyPortal
        const id = add(portal, "lent", `code;valeur\n${"01001;1\n".repeat(50_000)}`)
        portal.misbehave(id, { kind: "stall", afterBytes: 200_000 }, 1)
        const cwd = yield* configured(portal, ["lent"])
        const { code, err } = yield* odh(["sync"], {
          cwd,
          onStart: (child) => {
            const stalled = setInterval(() => {
              if (received(join(cwd, "data/lake/work")) < 100_000) return
              clearInterval(stalled)
              child.kill("SIGINT")
            }, 10)
          },
        })
        assert.strictEqual(code, 130, err)
        assert.include(err, "stopping")
        portal.clear()
        const again = yield* odh(["sync"], { cwd })
        assert.strictEqual(again.code, 0, again.err)
        assert.match(again.out, /1 loaded/)
        assert.isTrue(
          portal.requests.some(({ headers }) => headers["range"] !== undefined),
          "what had come was not fetched again",
        )
        assert.match((yield* odh(["runs"], { cwd })).out, /interrupted/)
      }),
    60_000,
  )
})

describe("secrets", () => {
  it.effect(
    "are in no file of the lake, in no output and in no event",
    () =>
      Effect.gen(function* () {
        const portal = yield* portalWith({ catalogue: false, apiKey: SECRET })
        add(portal, "prive", GOOD)
        portal.makePrivate("prive")
        const signed = portal.serve("/signe/fichier.csv", GOOD)
        portal.add(
          dataset({ slug: "signe", title: "Signé", resources: [{ title: "signe.csv", content: { bytes: GOOD } }] }),
        )
        portal.misbehave(portal.datasets.find((one) => one.slug === "signe")?.resources[0]?.id ?? "", {
          kind: "redirect",
          location: `${signed}?X-Amz-Signature=${SECRET}&token=${SECRET}`,
        })
        const cwd = yield* configured(portal, ["prive", "signe"])
        const env = { DATAGOUV_API_KEY: SECRET }
        const outputs = [
          yield* odh(["sync", "--json"], { cwd, env }),
          yield* odh(["plan"], { cwd, env }),
          yield* odh(["status", "--json"], { cwd, env }),
          yield* odh(["lake", "ls", "--json"], { cwd, env }),
        ]
        assert.match(outputs[0]?.out ?? "", /"status":"loaded"/)
        assert.isTrue(
          portal.requests.some(({ headers }) => headers["x-api-key"] === SECRET),
          "the key was used",
        )
        for (const { out, err } of outputs) assert.notInclude(out + err, SECRET)
        for (const entry of readdirSync(cwd, { recursive: true, withFileTypes: true })) {
          if (entry.isFile())
            assert.notInclude(readFileSync(join(entry.parentPath, entry.name), "latin1"), SECRET, entry.name)
        }
      }),
    60_000,
  )
})
