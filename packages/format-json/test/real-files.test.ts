import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { gunzipSync } from "node:zlib"
import { corpus, plain, readAll } from "./reading.ts"

describe("json on real files", () => {
  it.effect("reads an array of 35,684 postal codes on one line, zeros kept", () =>
    Effect.gen(function* () {
      const bytes = gunzipSync(corpus("codes-postaux-json-array/codes-postaux.json.gz"))
      const { tables } = yield* readAll(bytes)
      assert.deepStrictEqual(plain(tables["main"]), JSON.parse(bytes.toString()))
      assert.include(
        plain(tables["main"]).map((row) => row["codePostal"]),
        "01400",
      )
    }),
  )

  it.effect("finds the public contracts under marches.marche, with their lists and the lists in those", () =>
    Effect.gen(function* () {
      const { tables, facts } = yield* readAll(corpus("decp-marches-json-xml/marches_avec_modifications.json"))
      assert.strictEqual(facts["records"], "marches.marche")
      assert.strictEqual(tables["main"]?.rows.length, 2)
      assert.strictEqual(tables["main"]?.rows[0]?.["acheteur.id"], "21750001630066")
      assert.deepStrictEqual(
        Object.entries(tables).map(([name, { parent, rows }]) => [name, parent, rows.length]),
        [
          ["main", undefined, 2],
          ["main__typesPrix.typePrix", "main", 2],
          ["main__considerationsEnvironnementales.considerationEnvironnementale", "main", 2],
          ["main__considerationsSociales.considerationSociale", "main", 4],
          ["main__techniques.technique", "main", 4],
          ["main__modalitesExecution.modaliteExecution", "main", 2],
          ["main__titulaires", "main", 2],
          ["main__actesSousTraitance", "main", 2],
          ["main__modifications", "main", 2],
          ["main__modifications__modification.titulaires", "main__modifications", 2],
          ["main__modificationsActesSousTraitance", "main", 2],
        ],
      )
      assert.deepStrictEqual(tables["main__titulaires"]?.rows[0], {
        "#": 1,
        "^": 1,
        "titulaire.id": "55204599900869",
        "titulaire.typeIdentifiant": "SIRET",
      })
      assert.deepStrictEqual(
        tables["main__considerationsSociales.considerationSociale"]?.rows.map((row) => row["^"]),
        [1, 1, 2, 2],
      )
    }),
  )

  it.effect("reads an object keyed by date as the CSV of the same data", () =>
    Effect.gen(function* () {
      const { tables } = yield* readAll(corpus("jours-feries/metropole.json"))
      const csv = Buffer.from(corpus("jours-feries/jours_feries_metropole.csv"))
        .toString()
        .trim()
        .split(/\r?\n/)
        .slice(1)
      const inCsv = csv.map((line) => line.split(",")).map(([date, , , name]) => `${date} ${name}`)
      // Two holidays fell on 2008-05-01: an object has room for one of them.
      const inJson = plain(tables["main"]).map((row) => `${String(row["key"])} ${String(row["value"])}`)
      assert.deepStrictEqual(
        inCsv.filter((holiday) => !inJson.includes(holiday)),
        ["2008-05-01 1er mai"],
      )
      assert.strictEqual(inJson.length, inCsv.length - 1)
    }),
  )

  it.effect("keeps the geometry of features whole, and what stands beside them as facts", () =>
    Effect.gen(function* () {
      const bytes = corpus("geojson-lambert93/districts.geojson")
      const { tables, facts } = yield* readAll(bytes)
      const whole = JSON.parse(Buffer.from(bytes).toString()) as {
        readonly features: ReadonlyArray<{ readonly geometry: unknown }>
        readonly crs: unknown
      }
      assert.deepStrictEqual(
        tables["main"]?.rows.map((row) => JSON.parse(String(row["geometry"])) as unknown),
        whole.features.map(({ geometry }) => geometry),
      )
      assert.deepStrictEqual(facts["envelope"], { type: "FeatureCollection", name: "districts", crs: whole.crs })
    }),
  )

  it.effect("finds the rows in answers of the portal, and one row in an answer about one thing", () =>
    Effect.gen(function* () {
      const answers = [
        "tabular_api_data.json",
        "elements_metadata.json",
        "resource_metadata_api1.json",
        "topic_metadata.json",
      ]
      const counts = yield* Effect.forEach(answers, (name) =>
        Effect.map(readAll(corpus(`api-client-fixtures/${name}`)), ({ tables }) => tables["main"]?.rows.length),
      )
      assert.deepStrictEqual(counts, [20, 8, 1, 1])
      const { facts } = yield* readAll(corpus("api-schema-catalogue/schemas.json"))
      assert.deepStrictEqual(facts["envelope"], {
        $schema: "https://opendataschema.frama.io/catalog/schema-catalog.json",
        version: 1,
      })
    }),
  )
})
