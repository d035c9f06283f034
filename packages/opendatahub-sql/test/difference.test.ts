import { assert, describe, it } from "@effect/vitest"
import { datagouv, duckdb, openHub } from "opendatahub-sql"
import * as Effect from "effect/Effect"
import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { gunzipSync } from "node:zlib"
import { jsonLines, odh, writeConfig } from "./support/command.ts"
import { placeIn } from "./support/hub.ts"
import { corpus, portalWith, temporaryFolder } from "./support/place.ts"

const states = ["2020-06-27", "2020-06-29", "2020-06-30"] as const

/** The rows of a state by department, sex and day, read by nothing of ours. */
const stateOf = (day: string): ReadonlyMap<string, string> => {
  const lines = gunzipSync(readFileSync(join(corpus, "history-covid-hospit", `${day}.csv.gz`)))
    .toString("utf8")
    .split(/[\r\n]+/)
    .slice(1)
    .filter((line) => line !== "")
  return new Map(
    lines.map((line) => {
      const [dep = "", sexe, jour = "", ...figures] = line.replaceAll('"', "").split(";")
      return [[dep, sexe, jour.replace(/^(\d\d)\/(\d\d)\/(\d{4})$/, "$3-$2-$1")].join(";"), figures.join(";")]
    }),
  )
}

const differenceOf = (from: string, to: string) => {
  const [before, after] = [stateOf(from), stateOf(to)]
  return {
    added: [...after.keys()].filter((key) => !before.has(key)),
    removed: [...before.keys()].filter((key) => !after.has(key)),
    changed: [...after].filter(([key, figures]) => before.has(key) && before.get(key) !== figures).map(([key]) => key),
  }
}

type Rows = ReadonlyArray<ReadonlyArray<string>>

/** What Python's standard library says of two files. */
const pythonDifference = (from: string, to: string): { readonly removed: Rows; readonly added: Rows } => {
  const [script, a, b] = [
    new URL("support/multiset_diff.py", import.meta.url).pathname,
    ...[from, to].map((day) => join(corpus, "history-covid-hospit", `${day}.csv.gz`)),
  ]
  return JSON.parse(execFileSync("python3", [script ?? "", a ?? "", b ?? ""], { encoding: "utf8" })) as {
    readonly removed: Rows
    readonly added: Rows
  }
}

/** Reported rows, each behind what happened to it, as removed and added ones: a changed row is one of each. */
const asMultisets = (rows: Rows): { readonly removed: Rows; readonly added: Rows } => {
  const of = (...words: ReadonlyArray<string>): Rows =>
    rows
      .filter(([word = ""]) => words.includes(word))
      .map((row) => row.slice(1))
      .toSorted((x, y) => (JSON.stringify(x) < JSON.stringify(y) ? -1 : 1))
  return { removed: of("removed", "before"), added: of("added", "after") }
}
const sorted = (rows: Rows): Rows => rows.toSorted((x, y) => (JSON.stringify(x) < JSON.stringify(y) ? -1 : 1))

/** The rows of the page: a changed cell holds what was struck out and what is new. */
const htmlRows = (page: string): Rows =>
  [...page.matchAll(/<tr class="(\w+)">.*?<\/th>(.*?)<\/tr>/g)].flatMap(([, word = "", cells = ""]) => {
    const texts = [...cells.matchAll(/<td[^>]*>(.*?)<\/td>/g)].map(([, text = ""]) => {
      const [, old, now] = /^<del>(.*)<\/del> <ins>(.*)<\/ins>$/.exec(text) ?? [undefined, text, text]
      return [old ?? "", now ?? ""] as const
    })
    return word === "changed"
      ? [
          ["before", ...texts.map(([old]) => old)],
          ["after", ...texts.map(([, now]) => now)],
        ]
      : [[word, ...texts.map(([, now]) => now)]]
  })

const edited = (day: string): string =>
  gunzipSync(readFileSync(join(corpus, "history-covid-hospit", `${day}.csv.gz`))).toString("utf8")

describe("what changed in a table between two dates", () => {
  it.effect(
    "is what a comparison of the two files says: the command, the programming interface, and every format",
    () =>
      Effect.gen(function* () {
        const portal = yield* portalWith({ files: corpus })
        const folder = yield* temporaryFolder
        const place = placeIn(folder)
        const datasets = [{ id: "5e7e104ace2080d9162b61d8", into: "hospitalisations" }]
        const hub = yield* Effect.promise(() =>
          openHub({
            lake: place.lake,
            network: { allowPrivate: ["127.0.0.1"] },
            sources: [datagouv({ url: portal.url, datasets })],
            tables: { hospitalisations: { mode: "history" } },
            sinks: [duckdb({ path: place.warehouse })],
          }),
        )
        for (const day of states) {
          portal.moveTo(day)
          yield* Effect.promise(() => hub.sync())
        }
        const extractions = yield* Effect.promise(() =>
          hub.history("hospitalisations", { key: ["dep", "sexe", "jour"] }),
        )
        assert.deepStrictEqual(
          extractions.map((one) => one.rows),
          states.map((day) => edited(day).split(/[\r\n]+/).length - 2),
        )
        for (const [index, day] of states.entries()) {
          const expected = index === 0 ? undefined : differenceOf(states[index - 1] ?? "", day)
          const { added, removed, changed } = extractions[index] ?? {}
          if (expected !== undefined)
            assert.deepStrictEqual(
              [added, removed, changed],
              [expected.added.length, expected.removed.length, expected.changed.length],
              day,
            )
        }

        const [from = "", , to = ""] = extractions.map((one) => one.extractedAt)
        const expected = differenceOf(states[0], states[2])
        const found = yield* Effect.promise(() => hub.diff("hospitalisations", from, to))
        assert.deepStrictEqual(found.key, ["dep", "sexe", "jour"], "the key that nobody declared")
        assert.deepStrictEqual(
          [found.added, found.removed, found.changed],
          [expected.added.length, expected.removed.length, expected.changed.length],
        )
        const rows = yield* Effect.promise(async () => {
          const all = []
          for await (const batch of hub.diffRows("hospitalisations", from, to)) all.push(...batch)
          return all
        })
        const keysOf = (change: string): ReadonlyArray<string> =>
          rows
            .filter((row) => row["_change"] === change)
            .map((row) => [row["dep"], row["sexe"], row["jour"]].join(";"))
            .toSorted()
        assert.deepStrictEqual(keysOf("added"), expected.added.toSorted())
        assert.deepStrictEqual(keysOf("after"), expected.changed.toSorted())

        yield* writeConfig(
          folder,
          portal.url,
          "{ lake: './lake', sinks: [duckdb({ path: './warehouse.duckdb' })], sources: [datagouv({ url: portal })] }",
        )
        const command = (...args: ReadonlyArray<string>) =>
          Effect.map(odh(args, { cwd: folder }), (ended) => {
            assert.strictEqual(ended.code, 0, ended.err)
            return ended.out
          })
        // Every format tells the same two multisets as Python's.
        const python = pythonDifference(states[0], states[2])
        const theirs = { removed: sorted(python.removed), added: sorted(python.added) }
        const csv = yield* command("diff", "hospitalisations", from, to, "--as", "csv")
        assert.match(csv, /^_change,dep,sexe,jour,hosp,rea,rad,dc\r\n/)
        const lines = csv.trimEnd().split("\r\n").slice(1)
        assert.deepStrictEqual(asMultisets(lines.map((line) => line.split(","))), theirs, "csv")
        const [summary, ...json] = jsonLines(yield* command("diff", "hospitalisations", from, to, "--json"))
        assert.deepInclude(summary, { _change: "summary", added: expected.added.length })
        const cells = json.map((row) => Object.values(row as object).map((cell) => (cell === null ? "" : String(cell))))
        assert.deepStrictEqual(asMultisets(cells), theirs, "json")
        const html = yield* command("diff", "hospitalisations", from, to, "--as", "html")
        assert.deepStrictEqual(asMultisets(htmlRows(html)), theirs, "html")
        assert.notMatch(html, /<script|src=|href=/)
        const terminal = yield* command("diff", "hospitalisations", from, to)
        assert.match(
          terminal,
          new RegExp(
            `^${expected.added.length} added, 0 removed, ${expected.changed.length} changed \\(key: dep, sexe, jour\\)$`,
            "m",
          ),
        )
        const plus = terminal.split("\n").filter((line) => line.startsWith("+ "))
        const added = new Set(theirs.added.map((row) => row.join(" ")))
        assert.isNotEmpty(plus)
        for (const line of plus) assert.isTrue(added.has(line.slice(1).trim().split(/ +/).join(" ")), line)
        assert.match(yield* command("history", "hospitalisations"), /\b30\D606\b/)

        const past = yield* command(
          "query",
          "select count(*)::int as n, max(jour)::varchar as last from hospitalisations",
          "--as-of",
          from,
          "--json",
        )
        assert.deepStrictEqual(jsonLines(past), [{ n: stateOf(states[0]).size, last: "2020-06-26" }])
        const now = yield* command("query", "select count(*)::int as n from as_of('hospitalisations', now())", "--json")
        assert.deepStrictEqual(jsonLines(now), [{ n: stateOf(states[2]).size }])
      }),
    120_000,
  )
})
