/** Generated dbt files: names, codes and the words of strangers. */
import { assert, describe, it } from "@effect/vitest"
import { literal, openDatabase } from "@opendatahub-sql/engine-duckdb"
import * as Effect from "effect/Effect"
import { tmpdir } from "node:os"
import { type CodeName, codeFor, repairedCode } from "../src/dbt/codes.ts"
import type { DescribedColumn, DescribedTable } from "../src/dbt/described-table.ts"
import { render } from "../src/dbt/render.ts"

const column = (name: string, more: Partial<DescribedColumn> = {}): DescribedColumn => ({
  name,
  type: "VARCHAR",
  original: name,
  isFull: false,
  isUnique: false,
  extremes: undefined,
  code: undefined,
  isRepaired: false,
  ...more,
})

const table = (more: Partial<DescribedTable> = {}): DescribedTable => ({
  name: "t",
  parent: undefined,
  mode: "history",
  columns: [column("nom")],
  dataset: undefined,
  updateEvery: undefined,
  ...more,
})

const fileOf = (tables: ReadonlyArray<DescribedTable>, path: string): string =>
  render(tables).find((file) => file.path === path)?.text ?? assert.fail(`${path} is not generated`)

describe("codes", () => {
  const cases: ReadonlyArray<readonly [CodeName, string, string]> = [
    ["commune", "1004", "01004"],
    ["commune", "2a004", "2A004"],
    // Within a département the commune's number has three digits: it is no code that lost zeros.
    ["commune", "004", "004"],
    ["commune", "01 004", "01004"],
    ["departement", "1", "01"],
    ["departement", "971", "971"],
    ["code_postal", "1000", "01000"],
    ["siret", "5204599900869", "05204599900869"],
    ["siren", "-1234567", "-1234567"],
  ]
  it.effect("get back the one zero that was lost, and nothing else", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const database = yield* openDatabase({ workFolder: tmpdir() })
        const connection = yield* database.connect
        for (const [code, written, expected] of cases) {
          const row = yield* connection.one(
            `select ${repairedCode("v", code)} as code from (select ${literal(written)} as v)`,
          )
          assert.strictEqual(row["code"], expected, `${code} ${written}`)
        }
      }),
    ),
  )

  it("are told by the names that publishers give them", () => {
    assert.deepStrictEqual(["depcom", "code_insee_commune", "cp", "acheteur_siret", "nom", "compte"].map(codeFor), [
      "commune",
      "commune",
      "code_postal",
      "siret",
      undefined,
      undefined,
    ])
  })
})

describe("models", () => {
  it("call a column that SQL keeps for itself by a name that needs no quotes", () => {
    const tables = [table({ columns: [column("order", { isFull: true }), column("select"), column("nom")] })]
    const sql = fileOf(tables, "silver/slv_t.sql")
    assert.include(sql, '{{ named("order") }} as order_')
    assert.match(sql, /^ {4}nom,$/m)
    assert.include(fileOf(tables, "silver/slv_t.yml"), '- name: "order_"')
    assert.include(fileOf(tables, "sources.yml"), '- name: "order"')
  })

  it("open no template of a stranger", () => {
    const dataset = { id: "1", slug: "s", title: "a {{ b }} {% c %} 'd'", organization: undefined, license: undefined }
    for (const { text } of render([table({ dataset })]))
      assert.notMatch(text.replaceAll(/\{\{ (source|named)\([^}]*\) \}\}/g, ""), /\{[{%#]/)
  })

  it("test what holds: codes, degrees, nothing below zero", () => {
    const yaml = fileOf(
      [
        table({
          columns: [
            column("insee", { code: "commune", isRepaired: true }),
            column("latitude", { type: "DOUBLE", extremes: [41, 51] }),
            column("y_lat", { type: "DOUBLE", extremes: [4_100_000, 5_100_000] }),
            column("solde", { type: "BIGINT", extremes: [-5, 5] }),
          ],
        }),
      ],
      "silver/slv_t.yml",
    )
    assert.match(yaml, /insee"\n.*slv_odh_repair.*\n.*\n.*\n.*matches_form/)
    assert.match(yaml, /latitude"\n.*\n.*\n.*in_range: \{arguments: \{least: -90, most: 90\}/)
    assert.match(yaml, /y_lat"\n.*\n.*\n.*in_range: \{arguments: \{least: 0\}/)
    assert.notMatch(yaml, /solde"\n.*\n.*data_tests/)
  })

  it("have versions where there is a history", () => {
    assert.include(fileOf([table()], "silver/versions_t.sql"), "source('history', 't')")
    assert.isUndefined(render([table({ mode: "latest" })]).find(({ path }) => path.includes("versions_")))
  })
})
