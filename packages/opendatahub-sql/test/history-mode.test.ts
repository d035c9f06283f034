import { assert, describe, it } from "@effect/vitest"
import type { Mode } from "@opendatahub-sql/core"
import { dataset, type Portal } from "@opendatahub-sql/testkit/datagouv"
import { verify } from "@opendatahub-sql/lake"
import * as Effect from "effect/Effect"
import { readdirSync, readFileSync } from "node:fs"
import { rm } from "node:fs/promises"
import { join } from "node:path"
import { odh, writeConfig } from "./support/command.ts"
import { hubOf, type Place, placeIn, sync, words } from "./support/hub.ts"
import { ask, emptyPortal, temporaryFolder } from "./support/place.ts"

const offer = (portal: Portal, ...states: ReadonlyArray<string>): void => {
  portal.add(
    dataset({
      slug: "releves",
      title: "Relevés",
      resources: [
        {
          id: "11111111-1111-4111-8111-111111111111",
          title: "releves.csv",
          publications: states.map((bytes, index) => ({ at: `2026-03-0${index + 1}T00:00:00Z`, content: { bytes } })),
        },
      ],
    }),
  )
}

const hubIn = (place: Place, portal: Portal, mode: Mode) =>
  hubOf(place, portal, ["releves"], { tables: { releves: { mode } } })

/** The states of the table, as of each extraction that the ledger holds: lines of text, sorted. */
const states = Effect.fnUntraced(function* (place: Place, table = "releves") {
  const loads = yield* ask(place.warehouse, "select distinct extracted_at::varchar as at from odh.loads order by 1")
  return yield* Effect.forEach(loads, ({ at }) =>
    Effect.map(
      ask(
        place.warehouse,
        `select columns(c -> c not like '\\_%' escape '\\')::varchar from as_of('${table}', '${String(at)}')`,
      ),
      (rows) => rows.map((row) => Object.values(row).join(";")).toSorted(),
    ),
  )
})

const lines = (state: string): ReadonlyArray<string> => state.trimEnd().split("\n").slice(1).toSorted()

describe("a table in mode history", () => {
  it.effect("whose column becomes text holds every state as its file spells it, read again from the lake", () =>
    Effect.gen(function* () {
      const all = ["code;n\na;1\nb;2,50\n", "code;n\na;un\nb;2,50\n", "code;n\nb;2,5\nc;3\n"]
      const portal = yield* emptyPortal
      const place = placeIn(yield* temporaryFolder)
      offer(portal, ...all)
      const hub = yield* hubIn(place, portal, "history")
      for (const day of [1, 2, 3]) {
        portal.moveTo(`2026-03-0${day}`)
        assert.deepStrictEqual(words(yield* sync(hub)), ["releves.csv: loaded"])
      }
      assert.deepStrictEqual(yield* states(place), all.map(lines))
    }),
  )

  it.effect("is made from what the lake holds when the mode changes, and so are snapshots when it changes back", () =>
    Effect.gen(function* () {
      const all = ["code;n\na;1\nb;2\n", "code;n\na;1\n", "code;n\nb;2\na;1\na;1\n", "code;n\nc;3\n"]
      const portal = yield* emptyPortal
      const place = placeIn(yield* temporaryFolder)
      offer(portal, ...all)
      for (const [day, mode] of [
        [1, "snapshots"],
        [2, "snapshots"],
        [3, "history"],
        [4, "snapshots"],
      ] as const) {
        portal.moveTo(`2026-03-0${day}`)
        assert.deepStrictEqual(
          words(yield* sync(yield* hubIn(place, portal, mode))),
          ["releves.csv: loaded"],
          `day ${day}`,
        )
        assert.deepStrictEqual(
          yield* states(place),
          all.slice(0, day).map(lines),
          `the states after day ${day}, as ${mode}`,
        )
      }
      assert.deepStrictEqual(words(yield* sync(yield* hubIn(place, portal, "snapshots"))), ["releves.csv: unchanged"])
      const hub = yield* hubIn(place, portal, "history")
      yield* Effect.promise(() => hub.replay())
      assert.deepStrictEqual(
        yield* ask(place.warehouse, "select mode from odh.tables"),
        [{ mode: "history" }],
        "a replay is enough",
      )
      assert.deepStrictEqual(yield* states(place), all.map(lines))
    }),
  )

  it.effect("comes back from the lake when the warehouse is lost", () =>
    Effect.gen(function* () {
      const all = ["code;n\na;1\nb;2\n", "code;n\nb;2\nc;3\n"]
      const portal = yield* emptyPortal
      const place = placeIn(yield* temporaryFolder)
      offer(portal, ...all)
      const hub = yield* hubIn(place, portal, "history")
      for (const day of [1, 2]) {
        portal.moveTo(`2026-03-0${day}`)
        yield* sync(hub)
      }
      yield* Effect.promise(() => rm(place.warehouse))
      yield* sync(hub)
      assert.deepStrictEqual(yield* states(place), all.map(lines))
    }),
  )

  it.effect("parents and children have one history: they join as of every day, and only what changed is stored", () =>
    Effect.gen(function* () {
      type Lot = {
        readonly id: string
        readonly place?: string
        readonly parts?: ReadonlyArray<{ readonly n: number }>
      }
      const all: ReadonlyArray<ReadonlyArray<Lot>> = [
        [
          { id: "a", parts: [{ n: 1 }, { n: 2 }] },
          { id: "b", parts: [{ n: 3 }] },
        ],
        [
          { id: "b", parts: [{ n: 3 }, { n: 4 }] },
          { id: "a", parts: [{ n: 2 }, { n: 1 }] },
        ],
        [{ id: "b" }, { id: "c" }],
        [
          { id: "b", parts: [{ n: 3 }, { n: 3 }] },
          { id: "b", parts: [{ n: 4 }] },
        ],
      ]
      const portal = yield* emptyPortal
      const place = placeIn(yield* temporaryFolder)
      portal.add(
        dataset({
          slug: "lots",
          title: "Lots",
          resources: [
            {
              title: "lots.json",
              format: "json",
              publications: all.map((lots, index) => ({
                at: `2026-03-0${index + 1}T00:00:00Z`,
                content: { bytes: JSON.stringify(lots) },
              })),
            },
          ],
        }),
      )
      const hub = yield* hubOf(place, portal, ["lots"])
      for (const day of all.keys()) {
        portal.moveTo(`2026-03-0${day + 1}`)
        assert.deepStrictEqual(words(yield* sync(hub)), ["lots.json: loaded"])
      }
      assert.deepStrictEqual(yield* ask(place.warehouse, "select distinct mode from odh.tables"), [{ mode: "history" }])
      const loads = yield* ask(place.warehouse, "select extracted_at::varchar as at from odh.loads order by 1")
      const joined = (lots: string, parts: string) =>
        Effect.map(
          ask(
            place.warehouse,
            `select p.id || coalesce(' ' || string_agg(c.n::varchar, ' ' order by c.n), '') as line from ${lots} p left join ${parts} c on c._parent_id = p._id group by p._id, p.id order by 1`,
          ),
          (rows) => rows.map((row) => row["line"]),
        )
      const expected = all.map((lots) =>
        lots.map(({ id, parts = [] }) => [id, ...parts.map(({ n }) => n).toSorted()].join(" ")).toSorted(),
      )
      for (const [day, { at }] of loads.entries())
        assert.deepStrictEqual(
          yield* joined(`as_of('lots', '${String(at)}')`, `as_of('lots__parts', '${String(at)}')`),
          expected[day],
          `day ${day + 1}`,
        )
      assert.deepStrictEqual(yield* joined("bronze.lots", "bronze.lots__parts"), expected.at(-1), "today")
      const [stored] = yield* ask(
        place.warehouse,
        "select (select count(*)::int from history_added.lots) as lots, (select count(*)::int from history_added.lots__parts where _valid_from < (select max(extracted_at) from odh.loads)) as parts",
      )
      assert.deepStrictEqual(stored, { lots: 4, parts: 4 }, "nothing that only moved was stored again")
    }),
  )

  it.effect("loses a person's rows in every state when they are purged, and nothing else", () =>
    Effect.gen(function* () {
      const portal = yield* emptyPortal
      const place = placeIn(yield* temporaryFolder)
      offer(portal, "code;n\na;1\nb;2\n", "code;n\na;5\nb;2\n", "code;n\nb;2\n")
      const hub = yield* hubIn(place, portal, "history")
      for (const day of [1, 2, 3]) {
        portal.moveTo(`2026-03-0${day}`)
        yield* sync(hub)
      }
      yield* writeConfig(
        place.folder,
        portal.url,
        "{ lake: './lake', sinks: [duckdb({ path: './warehouse.duckdb' })], sources: [datagouv({ url: portal })] }",
      )
      const ended = yield* odh(["purge", "releves", "code=a", "--json"], { cwd: place.folder })
      const { files, ...told } = JSON.parse(ended.out) as { readonly files: ReadonlyArray<{ readonly rows: number }> }
      assert.deepStrictEqual(
        told,
        {
          table: "releves",
          key: { code: "a" },
          rows: 2,
          tables: [{ table: "releves", rows: 2, rejects: 0 }],
          unreached: [],
        },
        ended.err,
      )
      assert.deepStrictEqual(
        files.map(({ rows }) => rows),
        [1, 1],
      )
      assert.deepStrictEqual(yield* states(place), [["b;2"], ["b;2"], ["b;2"]])
      const kept = readdirSync(join(place.folder, "lake", "raw"), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"))
      assert.deepStrictEqual(kept.toSorted(), ["code,n\nb,2\n", "code,n\nb,2\n", "code;n\nb;2\n"])
      // Neither the lake nor the portal, which still has the last file, brings anything back.
      yield* odh(["replay"], { cwd: place.folder })
      yield* sync(hub)
      assert.deepStrictEqual(yield* states(place), [["b;2"], ["b;2"], ["b;2"]])
      assert.deepStrictEqual((yield* verify(join(place.folder, "lake"))).problems, [])
      assert.strictEqual((yield* odh(["purge", "releves", "kode=a"], { cwd: place.folder })).code, 78)
      assert.strictEqual((yield* odh(["purge", "releves", "a"], { cwd: place.folder })).code, 64)
    }),
  )

  it.effect("a table in mode latest has no past, and says what to do", () =>
    Effect.gen(function* () {
      const portal = yield* emptyPortal
      const place = placeIn(yield* temporaryFolder)
      offer(portal, "code;n\na;1\n")
      portal.moveTo("2026-03-01")
      yield* sync(yield* hubIn(place, portal, "latest"))
      const error = yield* Effect.flip(ask(place.warehouse, "from as_of('releves', now())"))
      assert.match(
        (error as Error).message,
        /keeps only its newest state: set its mode to "history" and run `odh replay`/,
      )
    }),
  )
})
