import { assert, describe, it } from "@effect/vitest"
import { dumpState, rebuildState } from "@opendatahub-sql/lake"
import { dataset, type Portal } from "@opendatahub-sql/testkit/datagouv"
import { duckdb, type TableConfig } from "opendatahub-sql"
import * as Effect from "effect/Effect"
import { rm } from "node:fs/promises"
import { join } from "node:path"
import { hubOf, type Place, placeIn, sync, words } from "./support/hub.ts"
import { ask, contentsOf, corpus, emptyPortal, fileRequests, portalWith, temporaryFolder } from "./support/place.ts"

const small = [
  "jours-feries-en-france",
  "base-nationale-des-lieux-de-covoiturage",
  { id: "reseaux-de-transports-en-commun-de-la-metropole-daix-marseille-provence", into: "gtfs" },
] as const
const day = (n: number): string => `2026-03-0${n}T00:00:00Z`
const ID = "11111111-1111-4111-8111-111111111111"

const series = (portal: Portal, contents: ReadonlyArray<string>): void => {
  portal.add(
    dataset({
      slug: "serie",
      title: "Série",
      resources: [
        {
          id: ID,
          title: "serie.csv",
          publications: contents.map((bytes, index) => ({ at: day(index + 1), content: { bytes } })),
        },
      ],
    }),
  )
}

/** Loads the states of a file, one sync each; the reports in words. */
const states = Effect.fnUntraced(function* (place: Place, contents: ReadonlyArray<string>, table?: TableConfig) {
  const portal = yield* emptyPortal
  series(portal, contents)
  const hub = yield* hubOf(place, portal, ["serie"], table === undefined ? {} : { tables: { serie: table } })
  const said: Array<string> = []
  for (const index of contents.keys()) {
    portal.moveTo(day(index + 1).slice(0, 10))
    said.push(...words(yield* sync(hub)))
  }
  return { portal, hub, said }
})

/** The rows of every extraction of the table, oldest first, each as of its time. */
const rows = Effect.fnUntraced(function* (place: Place, what = "*") {
  const loads = yield* ask(place.warehouse, "select extracted_at::varchar as at from odh.loads order by 1")
  const all = yield* Effect.forEach(loads, ({ at }) =>
    ask(place.warehouse, `select ${what} from as_of('serie', '${String(at)}') order by _extracted_at, _row`),
  )
  return all.flat()
})
/** The rows of each file, whenever it was extracted. */
const statesByFile = Effect.fnUntraced(function* (place: Place, columns: string) {
  const loads = yield* ask(
    place.warehouse,
    "select extracted_at::varchar as at, file_sha256 as file from odh.loads order by file_sha256",
  )
  return yield* Effect.forEach(loads, ({ at, file }) =>
    Effect.map(
      ask(place.warehouse, `select ${columns} from as_of('serie', '${String(at)}') order by all`),
      (state) => ({ file, state }),
    ),
  )
})
const typesOf = (place: Place) =>
  Effect.map(
    ask(place.warehouse, "select column_name, type from odh.columns where table_name = 'serie' order by position"),
    (all) => Object.fromEntries(all.map((row) => [String(row["column_name"]), String(row["type"])])),
  )

describe("destinations", () => {
  it.effect(
    "a new one is filled from the lake, without a request for a file, equal to the first",
    () =>
      Effect.gen(function* () {
        const portal = yield* portalWith({ files: corpus })
        const place = placeIn(yield* temporaryFolder)
        yield* sync(yield* hubOf(place, portal, small))
        portal.clear()
        const second = join(place.folder, "second.duckdb")
        const report = yield* sync(
          yield* hubOf(place, portal, small, { sinks: [duckdb({ path: place.warehouse }), duckdb({ path: second })] }),
        )
        assert.strictEqual(report.status, "loaded")
        assert.deepStrictEqual(fileRequests(portal), [])
        const without = (contents: Readonly<Record<string, unknown>>) => Object.keys(contents)
        const [one, two] = [yield* contentsOf(place.warehouse), yield* contentsOf(second)]
        assert.deepStrictEqual(without(two), without(one))
        for (const table of ["jours_feries_en_france_metropole", "gtfs_stops"]) {
          const all = `select * exclude (_load_id) from bronze."${table}" order by _row`
          assert.deepStrictEqual(yield* ask(second, all), yield* ask(place.warehouse, all))
        }
      }),
    120_000,
  )

  it.effect(
    "a warehouse that is deleted comes back from the lake, equal in every row and system column, without any request",
    () =>
      Effect.gen(function* () {
        const portal = yield* portalWith({ files: corpus })
        const place = placeIn(yield* temporaryFolder)
        const hub = yield* hubOf(place, portal, small)
        yield* sync(hub)
        const before = yield* contentsOf(place.warehouse)
        yield* Effect.promise(() => rm(place.warehouse))
        portal.clear()
        const report = yield* Effect.promise(() => hub.replay())
        assert.strictEqual(report.status, "loaded")
        assert.deepStrictEqual(portal.requests, [])
        assert.deepStrictEqual(yield* contentsOf(place.warehouse), before)
        assert.strictEqual(
          (yield* Effect.promise(() => hub.replay())).status,
          "unchanged",
          "a second replay finds all keys",
        )
        assert.deepStrictEqual(yield* contentsOf(place.warehouse), before)
      }),
    120_000,
  )

  it.effect("a warehouse that is deleted comes back with the next sync too, without a request for a file", () =>
    Effect.gen(function* () {
      const place = placeIn(yield* temporaryFolder)
      const { portal, hub } = yield* states(place, ["a\n1\n", "a\n2\n", "a\n3\n"])
      const before = yield* contentsOf(place.warehouse)
      yield* Effect.promise(() => rm(place.warehouse))
      portal.clear()
      assert.deepStrictEqual(words(yield* sync(hub)), ["serie.csv: loaded"])
      assert.deepStrictEqual(fileRequests(portal), [])
      assert.deepStrictEqual(yield* contentsOf(place.warehouse), before)
    }),
  )

  it.effect("a state that is deleted is made again, equal", () =>
    Effect.gen(function* () {
      const place = placeIn(yield* temporaryFolder)
      const { portal, hub } = yield* states(place, ["a\n1\n", "a\nx\n"])
      portal.delete("serie")
      yield* sync(hub)
      const before = yield* dumpState(place.lake)
      assert.include(before, "deleted")
      yield* rebuildState(place.lake)
      assert.strictEqual(yield* dumpState(place.lake), before)
      yield* Effect.promise(() => rm(join(place.lake, "state"), { recursive: true, force: true }))
      assert.strictEqual(yield* dumpState(place.lake), before)
    }),
  )
})

describe("columns that change", () => {
  it.effect("come, go and widen; no row is lost, and the table shows the newest as it is", () =>
    Effect.gen(function* () {
      const place = placeIn(yield* temporaryFolder)
      yield* states(place, [
        "code;valeur\n01001;1\n",
        "code;valeur;nom\n01001;2,50;Ambérieu\n",
        "code;jour\n01002;2026-03-01\n",
      ])
      assert.deepStrictEqual(yield* typesOf(place), {
        code: "text",
        valeur: "decimal(21,2)",
        nom: "text",
        jour: "date",
      })
      assert.deepStrictEqual(yield* rows(place, "code, valeur, nom, jour"), [
        { code: "01001", valeur: "1.00", nom: null, jour: null },
        { code: "01001", valeur: "2.50", nom: "Ambérieu", jour: null },
        { code: "01002", valeur: null, nom: null, jour: "2026-03-01" },
      ])
      assert.deepStrictEqual(yield* ask(place.warehouse, "select code, valeur, nom, jour from bronze.serie"), [
        { code: "01002", valeur: null, nom: null, jour: "2026-03-01" },
      ])
      assert.deepStrictEqual((yield* ask(place.warehouse, "from bronze.serie"))[0]?.["jour"], "2026-03-01")
    }),
  )

  it.effect("a column that becomes text shows the text of every file, earlier ones too", () =>
    Effect.gen(function* () {
      const place = placeIn(yield* temporaryFolder)
      yield* states(place, ["code;valeur\n1;1,50\n2;1 234,50\n", "code;valeur\n1;absent\n"])
      assert.strictEqual((yield* typesOf(place))["valeur"], "text")
      assert.deepStrictEqual(
        (yield* rows(place)).map((row) => row["valeur"]),
        ["1,50", "1 234,50", "absent"],
      )
      const [keys] = yield* ask(
        place.warehouse,
        "select count(*)::int as loads, count(distinct extracted_at)::int as slices from odh.loads",
      )
      assert.deepStrictEqual(keys, { loads: 2, slices: 2 })
    }),
  )

  const pairs: ReadonlyArray<readonly [string, string, string]> = [
    ["whole numbers, then decimals", "v\n1\n20\n", "v\n0,5\n1234,25\n"],
    ["decimals of two scales", "v\n1.5\n", "v\n10000000.125\n"],
    ["numbers, then text", "v\n1 234,50\n2\n", "v\nvoir note\n"],
    ["codes, then numbers that lost their zeros", "v\n01001\n", "v\n1001\n"],
    ["days, then instants without a zone", "v\n31/01/2026\n", "v\n2026-02-01 10:00:00\n"],
    ["days, then words", "v\n31/01/2026\n", "v\ninconnu\n"],
    ["yes and no, then numbers", "v\noui\nnon\n", "v\n1\n0\n"],
    ["nothing at first", "v;w\n;1\n;2\n", "v;w\n3;1\n"],
    ["whole numbers beyond 64 bits", "v\n12\n", "v\n123456789012345678901234567890\n"],
    ["decimals, then numbers in powers of ten", "v\n0.1\n2.675\n", "v\n1.5e-7\n6.02e23\n"],
    ["a column of its own each", "v;x\n1;2\n", "v;y\n1;5\n"],
  ]
  for (const [what, first, second] of pairs) {
    it.effect(
      `${what}: the order of arrival does not matter`,
      () =>
        Effect.gen(function* () {
          const [ab, ba] = [placeIn(join(yield* temporaryFolder, "ab")), placeIn(join(yield* temporaryFolder, "ba"))]
          yield* states(ab, [first, second])
          yield* states(ba, [second, first])
          const [types, others] = [yield* typesOf(ab), yield* typesOf(ba)]
          assert.deepStrictEqual(types, Object.fromEntries(Object.keys(types).map((name) => [name, others[name]])))
          const columns = Object.keys(types)
            .map((name) => `"${name}"`)
            .join(", ")
          assert.deepStrictEqual(yield* statesByFile(ab, columns), yield* statesByFile(ba, columns))
          const rejects = "select table_name, _row, column_name, code, raw from odh.rejects order by all"
          assert.deepStrictEqual(yield* ask(ab.warehouse, rejects), yield* ask(ba.warehouse, rejects))
        }),
      60_000,
    )
  }

  it.effect("pinned types hold, and what does not fit is a reject with its raw text", () =>
    Effect.gen(function* () {
      const place = placeIn(yield* temporaryFolder)
      yield* states(place, ["Code Commune;valeur\n1001;1\n69123;voir note\n"], {
        columns: { code_commune: "text", valeur: "bigint" },
      })
      assert.deepStrictEqual(yield* typesOf(place), { code_commune: "text", valeur: "bigint" })
      assert.deepStrictEqual(yield* rows(place, "code_commune, valeur"), [
        { code_commune: "1001", valeur: 1n },
        { code_commune: "69123", valeur: null },
      ])
      assert.deepStrictEqual(yield* ask(place.warehouse, "select _row, column_name, raw from odh.rejects"), [
        { _row: 2n, column_name: "valeur", raw: "voir note" },
      ])
    }),
  )

  it.effect("`freeze` keeps the columns as they are: new ones stay out, misfits are rejects", () =>
    Effect.gen(function* () {
      const place = placeIn(yield* temporaryFolder)
      yield* states(place, ["code;valeur\n1;10\n", "code;valeur;nom\n2;beaucoup;x\n3;30;y\n"], {
        onSchemaChange: "freeze",
      })
      assert.deepStrictEqual(yield* typesOf(place), { code: "bigint", valeur: "bigint" })
      assert.deepStrictEqual(yield* rows(place, "code, valeur"), [
        { code: 1n, valeur: 10n },
        { code: 2n, valeur: null },
        { code: 3n, valeur: 30n },
      ])
      assert.deepStrictEqual(
        (yield* ask(place.warehouse, "select raw from odh.rejects")).map((row) => row["raw"]),
        ["beaucoup"],
      )
    }),
  )

  it.effect("`quarantine` refuses the file until a person decides, and says how", () =>
    Effect.gen(function* () {
      const place = placeIn(yield* temporaryFolder)
      const { portal, hub, said } = yield* states(place, ["code;valeur\n1;10\n", "code;valeur;nom\n2;20;x\n"], {
        onSchemaChange: "quarantine",
      })
      assert.strictEqual(said[0], "serie.csv: loaded")
      assert.match(said[1] ?? "", /^serie\.csv: failed: .*"serie".*quarantine.*evolve/s)
      assert.lengthOf(yield* rows(place), 1)
      portal.clear()
      assert.deepStrictEqual(words(yield* sync(hub)), ["serie.csv: unchanged"], "it is not tried again as it is")
      const decided = yield* hubOf(place, portal, ["serie"], { tables: { serie: { onSchemaChange: "evolve" } } })
      portal.clear()
      assert.deepStrictEqual(words(yield* sync(decided)), ["serie.csv: loaded"])
      assert.deepStrictEqual(
        fileRequests(portal).filter(({ status }) => status === 200),
        [],
        "the bytes were in the lake",
      )
      assert.lengthOf(yield* rows(place), 2)
    }),
  )
})
