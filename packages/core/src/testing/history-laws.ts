/** The laws of sinks that keep histories (mode `history`). */
import * as Effect from "effect/Effect"
import type { Engine } from "../contracts/engine.ts"
import type { Mode, Receipt, SinkSession, Slice } from "../contracts/sink.ts"
import { claim, claimEqual, type Law, type LawOutcome, skipped } from "./law.ts"

type Rows = ReadonlyArray<Readonly<Record<string, string | null>>>

/** What the kit of sinks lends these laws, one sink each. */
export interface SinkTools {
  readonly modes: ReadonlyArray<Mode>
  readonly load: (key: string, of: Slice, rows: Rows, mode?: Mode) => Effect.Effect<Receipt, unknown, Engine>
  readonly session: <A, E>(
    use: (session: SinkSession) => Effect.Effect<A, E, Engine>,
  ) => Effect.Effect<A, unknown, Engine>
  readonly read: Effect.Effect<Rows>
  readonly readAsOf: ((at: string) => Effect.Effect<Rows>) | undefined
}

const of = (day: number, resource = "r1"): Slice => ({
  source: "kit",
  dataset: "d1",
  resource,
  extractedAt: `2026-01-0${day}T00:00:00.000Z`,
})
const noon = (day: number): string => `2026-01-0${day}T12:00:00.000Z`
const key = (day: number, resource = "r1"): string => `${resource} day ${day}`

/** Business cells of rows, in any order. */
const cells = (rows: Rows): ReadonlyArray<string> =>
  rows
    .map((row) =>
      JSON.stringify(
        Object.entries(row)
          .filter(([name, value]) => !name.startsWith("_") && value !== null)
          .toSorted(),
      ),
    )
    .toSorted()

const code = (...codes: ReadonlyArray<string>): Rows => codes.map((one) => ({ code: one }))

const scripts: ReadonlyArray<readonly [string, ReadonlyArray<readonly [day: number, rows: Rows]>]> = [
  [
    "A, then B, then A again",
    [
      [1, code("a", "b")],
      [2, code("b", "c")],
      [3, code("a", "b")],
    ],
  ],
  [
    "a row that goes and comes back",
    [
      [1, code("a", "b")],
      [2, code("b")],
      [3, code("b", "a")],
    ],
  ],
  [
    "another number of the same rows",
    [
      [1, code("a", "a", "b")],
      [2, code("a", "b")],
      [3, code("a", "a", "a", "b")],
    ],
  ],
  [
    "the same number of different rows",
    [
      [1, code("a", "b")],
      [2, code("c", "d")],
    ],
  ],
  [
    "a table that empties and fills",
    [
      [1, code("a")],
      [2, []],
      [3, code("a", "b")],
    ],
  ],
  [
    "first states that arrive last",
    [
      [3, code("a", "b", "c")],
      [1, code("a", "x")],
      [2, code("a", "a", "c")],
    ],
  ],
  [
    "a column that is added, one that goes, columns in another order",
    [
      [
        1,
        [
          { a: "x", b: "1" },
          { a: "y", b: "2" },
        ],
      ],
      [
        2,
        [
          { c: null, b: "1", a: "x" },
          { c: "z", b: "2", a: "y" },
        ],
      ],
      [
        3,
        [
          { c: "z", a: "y" },
          { c: "w", a: "x" },
        ],
      ],
    ],
  ],
]

/** The laws, for a kit that makes each a sink of its own. */
export const historyLaws = (
  law: (name: string, body: (tools: SinkTools) => Effect.Effect<LawOutcome | void, unknown, Engine>) => Law,
): ReadonlyArray<Law> => {
  const historyLaw = (
    name: string,
    body: (tools: SinkTools) => Effect.Effect<LawOutcome | void, unknown, Engine>,
  ): Law =>
    law(name, (tools) =>
      tools.modes.includes("history") ? body(tools) : Effect.succeed(skipped("`history` is not a mode of this sink")),
    )
  const asOfLaw = (
    name: string,
    body: (
      readAsOf: (at: string) => Effect.Effect<Rows>,
      tools: SinkTools,
    ) => Effect.Effect<LawOutcome | void, unknown, Engine>,
  ): Law =>
    historyLaw(name, (tools) =>
      tools.readAsOf === undefined
        ? Effect.succeed(skipped("the kit was not told how to read AS OF a date"))
        : body(tools.readAsOf, tools),
    )

  return [
    historyLaw(
      "a history shows the newest extraction of each resource; rows keep the origin of the extraction that introduced them",
      ({ load, read }) =>
        Effect.gen(function* () {
          yield* load(key(1, "r2"), of(1, "r2"), code("z"), "history")
          yield* load(key(2), of(2), code("a", "b"), "history")
          yield* load(key(3), of(3), code("c", "a"), "history")
          yield* load(key(1), of(1), code("old", "a"), "history")
          const rows = yield* read
          claimEqual(cells(rows), cells(code("a", "c", "z")), "rows")
          const origins = new Map(
            rows.map((row) => [row["code"], [row["_load_id"], row["_row"], row["_extraction_date"]]]),
          )
          claimEqual(
            origins.get("a"),
            [key(1), "2", "2026-01-01"],
            "the origin of a row that is there since the first day",
          )
          claimEqual(origins.get("c"), [key(3), "1", "2026-01-03"], "the origin of a new row")
        }),
    ),
    historyLaw(
      "in a history the same extraction read again replaces itself, and one that is removed leaves no difference",
      ({ load, session, read }) =>
        Effect.gen(function* () {
          for (const [day, rows] of [
            [1, code("a")],
            [2, code("bad")],
            [3, code("a", "b")],
          ] as const)
            yield* load(key(day), of(day), rows, "history")
          yield* load("again", of(3), code("a", "c"), "history")
          claimEqual(cells(yield* read), cells(code("a", "c")), "rows after the replay")
          yield* session((open) => open.remove([of(2)]))
          claimEqual(cells(yield* read), cells(code("a", "c")), "rows after the removal of an older extraction")
          yield* session((open) => open.remove([of(3)]))
          claimEqual(cells(yield* read), cells(code("a")), "rows after the removal of the newest")
        }),
    ),
    historyLaw(
      "a table that becomes a history, or stops being one, tells which slices must be read again",
      ({ load, read, session }) =>
        Effect.gen(function* () {
          yield* load(key(1), of(1), code("a"), "snapshots")
          const receipt = yield* load(key(2), of(2), code("a", "b"), "history")
          claimEqual(receipt.stale, [of(1)], "stale slices")
          claimEqual(
            (yield* session((open) => open.loads({}))).map((entry) => entry.key),
            [key(2)],
            "keys",
          )
          yield* load(key(1), of(1), code("a"), "history")
          claimEqual(cells(yield* read), cells(code("a", "b")), "rows of the history")
          claimEqual(
            (yield* load(key(3), of(3), code("c"), "snapshots")).stale,
            [of(1), of(2)],
            "stale slices on the way back",
          )
          yield* load(key(1), of(1), code("a"), "snapshots")
          claimEqual(cells(yield* read), cells(code("a", "c")), "rows of the snapshots")
        }),
    ),
    ...scripts.map(([name, states]) =>
      asOfLaw(`as of every day, the state of that day: ${name}`, (readAsOf, { load }) =>
        Effect.gen(function* () {
          const held = new Map<number, Rows>()
          for (const [day, rows] of states) {
            yield* load(key(day), of(day), rows, "history")
            held.set(day, rows)
            for (const [at, expected] of held)
              claimEqual(cells(yield* readAsOf(noon(at))), cells(expected), `as of day ${at}, after day ${day} arrived`)
          }
        }),
      ),
    ),
    asOfLaw(
      "a column that only changed its name, and one that became wider, leave its rows as they are",
      (readAsOf, { load, read }) =>
        Effect.gen(function* () {
          const rows = (name: string, n: (i: number) => string): Rows =>
            Array.from({ length: 20 }, (_, i) => ({ id: `k${i}`, [name]: n(i) }))
          yield* load(
            key(1),
            of(1),
            rows("valeur", (i) => String(i)),
            "history",
          )
          yield* load(
            key(2),
            of(2),
            rows("value", (i) => `${i}.0`),
            "history",
          )
          yield* load(
            key(3),
            of(3),
            [...rows("value", (i) => String(i)).slice(1), { id: "k0", value: "0.5" }],
            "history",
          )
          const now = yield* read
          claimEqual(
            now.filter((row) => row["_load_id"] === key(1)).length,
            19,
            "rows of the first day that are still theirs",
          )
          claim(
            now.every((row) => row["valeur"] === undefined && row["value"] !== null),
            "the newest name is not the column's",
          )
          claimEqual(
            (yield* readAsOf(noon(1))).map((row) => Number(row["value"])).toSorted((x, y) => x - y),
            Array.from({ length: 20 }, (_, i) => i),
            "values of the first day",
          )
        }),
    ),
  ]
}
