import { assert, describe, it } from "@effect/vitest"
import { hostileNames } from "@opendatahub-sql/core/testing"
import { dataset } from "@opendatahub-sql/testkit/datagouv"
import * as Effect from "effect/Effect"
import { readdirSync, readFileSync } from "node:fs"
import { mkdir, writeFile } from "node:fs/promises"
import { dirname, join, relative } from "node:path"
import { odh } from "./support/command.ts"
import { hubOf, placeIn, sync } from "./support/hub.ts"
import { ask, emptyPortal, temporaryFolder } from "./support/place.ts"

const list = JSON.parse(
  readFileSync(new URL("./fixtures/naughty-strings/blns.json", import.meta.url), "utf8"),
) as ReadonlyArray<string>
/** The Big List of Naughty Strings, and what it lacks: names of ours, control characters, quotes in the middle. */
const naughty = [
  ...list,
  ...hostileNames,
  "a\u0001b",
  "\u001b[31mred",
  "x\u0000y",
  "1\t2",
  "two\nlines",
  "two\r\nlines",
  "\ufeff",
]
/** Words that say that there is no value, blanks around them left out. */
const isNone = (text: string | null): boolean =>
  text === null || /^\s*$|^(?:null|nil|none|nan|n\/?a|undefined)$/i.test(text)

const cell = (text: string): string => `"${text.replaceAll('"', '""')}"`
const csvOf = (texts: ReadonlyArray<string>): string =>
  ["id;texte", ...texts.map((text, n) => `${n};${cell(text)}`)].join("\n") + "\n"
const jsonOf = (texts: ReadonlyArray<string>): string => JSON.stringify(texts.map((texte, id) => ({ id, texte })))

/** Milliseconds: dozens of files are loaded and converted, by processes of their own. */
const TIMEOUT = 300_000

/** A table of more of them would be wider than what a portal serves. */
const COLUMNS = 300

const filesUnder = (folder: string): ReadonlyArray<string> =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))

describe("strings made to break software", () => {
  it.effect(
    "as values are in DuckDB, and out of it, what they were in the file",
    () =>
      Effect.gen(function* () {
        const folder = yield* temporaryFolder
        for (const [name, content] of [
          ["textes.csv", csvOf(naughty)],
          ["textes.json", jsonOf(naughty)],
        ] as const) {
          const out = `${name}.ndjson`
          yield* Effect.promise(() => writeFile(join(folder, name), content))
          const converted = yield* odh(["convert", name, "--to", out, "--types", "text"], { cwd: folder })
          assert.strictEqual(converted.code, 0, converted.err)
          const texts = readFileSync(join(folder, out), "utf8")
            .trimEnd()
            .split("\n")
            .map((line) => (JSON.parse(line) as { readonly texte: string | null }).texte)
          assert.strictEqual(texts.length, naughty.length)
          texts.forEach((text, n) => {
            if (!isNone(text) || !isNone(naughty[n] ?? null)) assert.strictEqual(text, naughty[n], `${name}, line ${n}`)
          })
        }
      }).pipe(Effect.scoped),
    TIMEOUT,
  )

  it.effect(
    "as column names, titles and file names are names and nothing else",
    () =>
      Effect.gen(function* () {
        const portal = yield* emptyPortal
        const folder = yield* temporaryFolder
        const place = placeIn(join(folder, "here"))
        yield* Effect.promise(() => mkdir(place.folder))
        const header = [...new Set([...hostileNames, ...list])].slice(0, COLUMNS)
        const wide = `[${[0, 1].map((id) => `{${header.map((name, n) => `${JSON.stringify(name)}:"${id} ${n}"`).join(",")}}`).join(",")}]`
        const titles = [...hostileNames, ...list.filter((_, n) => n % 60 === 0)].filter((title) => title.trim() !== "")
        const datasets = [
          dataset({
            slug: "colonnes",
            title: "Colonnes",
            resources: [{ title: "colonnes.json", content: { bytes: wide } }],
          }),
          ...titles.map((title, n) =>
            dataset({
              slug: `titre-${n}`,
              title,
              resources: [{ title: `${title}.csv`, content: { bytes: csvOf([title]) } }],
            }),
          ),
        ]
        for (const one of datasets) portal.add(one)
        const hub = yield* hubOf(
          place,
          portal,
          datasets.map(({ slug }) => slug),
        )
        const report = yield* sync(hub)
        assert.deepStrictEqual(
          report.resources.filter(({ status }) => status !== "loaded").map(({ failure, title }) => [title, failure]),
          [],
        )

        const tables = yield* ask(
          place.warehouse,
          "select table_name as name from duckdb_tables() where schema_name = 'bronze'",
        )
        for (const { name } of tables) assert.match(String(name), /^[a-z][a-z0-9_]{0,62}$/)
        const [columns] = yield* ask(
          place.warehouse,
          "select count(distinct lower(column_name))::integer as names, count(distinct comment)::integer as originals from duckdb_columns() where schema_name = 'bronze' and table_name = 'colonnes' and column_name[1] != '_'",
        )
        assert.deepStrictEqual(columns, { names: COLUMNS, originals: COLUMNS })
        const [row] = yield* ask(
          place.warehouse,
          "select columns(c -> c[1] != '_') from bronze.colonnes where _row = 1",
        )
        assert.deepStrictEqual(
          Object.values(row ?? {}),
          header.map((_, n) => `0 ${n}`),
        )

        // Nothing was written outside of where the hub lives.
        assert.deepStrictEqual(readdirSync(folder), ["here"])
        for (const file of filesUnder(place.folder)) assert.isFalse(dirname(file).split("/").includes(".."), file)
      }).pipe(Effect.scoped),
    TIMEOUT,
  )

  it.effect(
    "as names of files on the disk are converted, each under a name of its own",
    () =>
      Effect.gen(function* () {
        const folder = yield* temporaryFolder
        const files = [...hostileNames, ...list.filter((_, n) => n % 25 === 0)].filter(
          (name) => !/[/\0]/.test(name) && name.trim() !== "" && Buffer.byteLength(name) < 240,
        )
        yield* Effect.promise(() => mkdir(join(folder, "in")))
        for (const name of files)
          yield* Effect.promise(() => writeFile(join(folder, "in", `${name}.csv`), csvOf(["x", "y"])))
        const { code, err } = yield* odh(["convert", "in", "--to", "out", "--as", "ndjson"], { cwd: folder })
        assert.strictEqual(code, 0, err)
        assert.strictEqual(filesUnder(join(folder, "out")).length, files.length)
        assert.deepStrictEqual(readdirSync(folder).toSorted(), ["in", "out"])
      }).pipe(Effect.scoped),
    TIMEOUT,
  )
})
