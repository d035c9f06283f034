import { assert, describe, it } from "@effect/vitest"
import type { Mode } from "@opendatahub-sql/core"
import { dataset, type Portal } from "@opendatahub-sql/testkit/datagouv"
import * as Effect from "effect/Effect"
import { rm } from "node:fs/promises"
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

  it.effect("parents and children stay snapshots, so that they join, and can be asked as of a date", () =>
    Effect.gen(function* () {
      const first = JSON.stringify([
        { id: "a", parts: [{ n: 1 }, { n: 2 }] },
        { id: "b", parts: [{ n: 3 }] },
      ])
      const second = JSON.stringify([{ id: "b", parts: [{ n: 3 }, { n: 4 }] }])
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
              publications: [first, second].map((bytes, index) => ({
                at: `2026-03-0${index + 1}T00:00:00Z`,
                content: { bytes },
              })),
            },
          ],
        }),
      )
      const modes = Object.fromEntries(["lots", "lots__parts"].map((name) => [name, { mode: "history" as const }]))
      const hub = yield* hubOf(place, portal, ["lots"], { tables: modes })
      for (const day of [1, 2]) {
        portal.moveTo(`2026-03-0${day}`)
        assert.deepStrictEqual(words(yield* sync(hub)), ["lots.json: loaded"])
      }
      assert.deepStrictEqual(yield* ask(place.warehouse, "select distinct mode from odh.tables"), [
        { mode: "snapshots" },
      ])
      assert.deepStrictEqual(yield* states(place, "lots__parts"), [
        ["1", "2", "3"],
        ["3", "4"],
      ])
      const joined = yield* ask(
        place.warehouse,
        "select p.id, c.n::int as n from bronze.lots_latest p join bronze.lots__parts_latest c on c._parent_row = p._row order by n",
      )
      assert.deepStrictEqual(joined, [
        { id: "b", n: 3 },
        { id: "b", n: 4 },
      ])
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
      assert.deepStrictEqual(JSON.parse(ended.out), { table: "releves", key: { code: "a" }, rows: 2 }, ended.err)
      assert.deepStrictEqual(yield* states(place), [["b;2"], ["b;2"], ["b;2"]])
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
