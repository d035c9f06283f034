/** Suggested joins, dimensions and facts: on small tables whose answer is known, and on names as publishers write them. */
import { assert, describe, it } from "@effect/vitest"
import { type Connection, identifier, literal, openDatabase } from "@opendatahub-sql/engine-duckdb"
import * as Effect from "effect/Effect"
import { tmpdir } from "node:os"
import { affinity } from "../src/star/affinity.ts"
import type { ComparedTable } from "../src/star/compared-table.ts"
import { containments, misses } from "../src/star/containment.ts"
import { innerDimensions, sharedCodes } from "../src/star/dimensions.ts"
import { evidenceOf, joinName } from "../src/star/evidence.ts"
import { joinsOf } from "../src/star/joins.ts"
import { profiles } from "../src/star/profile.ts"
import { proposalsOf } from "../src/star/proposals.ts"
import { filesOf } from "../src/star/render.ts"

const connected = <A, E>(use: (connection: Connection) => Effect.Effect<A, E>) =>
  Effect.scoped(
    Effect.gen(function* () {
      const database = yield* openDatabase({ workFolder: tmpdir() })
      return yield* use(yield* database.connect)
    }),
  )

/** A table out of a query. */
const tableOf = Effect.fnUntraced(function* (connection: Connection, name: string, query: string) {
  yield* connection.run(`create table ${identifier(name)} as ${query}`)
  const columns = yield* connection.all(
    `select column_name as name, data_type as type from duckdb_columns() where table_name = ${literal(name)} order by column_index`,
  )
  const table: ComparedTable = {
    name,
    kind: "table",
    relation: identifier(name),
    reference: `{{ ref('slv_${name}') }}`,
    parent: undefined,
    columns: columns.map((column) => ({ name: String(column["name"]), type: String(column["type"]) })),
  }
  return table
})

const compared = Effect.fnUntraced(function* (connection: Connection, queries: Readonly<Record<string, string>>) {
  const tables = yield* Effect.forEach(Object.entries(queries), ([name, query]) => tableOf(connection, name, query))
  const columns = yield* profiles(connection, tables)
  return { columns, pairs: yield* containments(connection, columns) }
})

const communes = `select lpad(range::varchar, 5, '0') as code_insee, 'Commune ' || range as nom, range % 90 as population from range(1000, 31000)`

describe("names", () => {
  const cases: ReadonlyArray<readonly [string, string, number]> = [
    ["hospitalisations.dep", "departements.code_departement", 1],
    ["codes_postaux.codecommune", "communes.com", 1],
    ["covoiturage.insee", "communes.com", 1],
    ["gtfs_transfers.from_stop_id", "gtfs_stops.stop_id", 0.5],
    ["velib.nom_communes_equipees", "communes.libelle", 0.5],
    ["marches.montant", "communes.com", 0],
    ["hospitalisations.sexe", "regions.code_region", 0],
  ]
  for (const [from, to, near] of cases) {
    it(`${from} and ${to}: ${near}`, () => {
      const named = (text: string) => ({ table: text.split(".")[0] ?? "", column: text.split(".")[1] ?? "" })
      assert.strictEqual(affinity(named(from), named(to)), near)
    })
  }
})

describe("joins", () => {
  it.effect("finds a code in a large table by a sample, and the share of what is missing", () =>
    connected(
      Effect.fnUntraced(function* (connection) {
        const { pairs } = yield* compared(connection, {
          communes,
          // One code of ten is in no commune.
          mesures: `select case when range % 10 = 0 then '9' || lpad((range % 8000)::varchar, 4, '0') else lpad((1000 + range % 30000)::varchar, 5, '0') end as depcom, random() as valeur from range(80000)`,
        })
        const [join, ...others] = joinsOf(pairs).filter(({ from }) => from.table.name === "mesures")
        assert.isDefined(join)
        assert.strictEqual(others.length, 0)
        assert.strictEqual(joinName(join), "mesures.depcom → communes.code_insee")
        const [exact] = yield* connection.all(
          "select count(*) filter (depcom in (select code_insee from communes)) / count(*) as share from (select distinct depcom from mesures)",
        )
        // Three standard errors of 1,024 draws.
        assert.closeTo(join.share, Number(exact?.["share"]), 0.05)
        for (const missing of yield* misses(connection, join.from, join.to)) assert.match(missing, /^9/)
      }),
    ),
  )

  it.effect("small numbers that happen to be in a sequence are no join", () =>
    connected(
      Effect.fnUntraced(function* (connection) {
        const { pairs } = yield* compared(connection, {
          contrats: "select range as id, 'contrat ' || range as objet from range(5000)",
          notes: "select range % 20 as note, range % 3 as sexe, random() as valeur from range(4000)",
        })
        assert.deepStrictEqual(joinsOf(pairs).map(joinName), [])
      }),
    ),
  )

  it.effect("empty tables, empty columns and hostile names are compared without an error", () =>
    connected(
      Effect.fnUntraced(function* (connection) {
        const { columns, pairs } = yield* compared(connection, {
          vide: "select ''::varchar as code where false",
          'a "b" \' c': `select null::varchar as "x""y", '1' as "select" from range(3)`,
        })
        assert.deepStrictEqual(joinsOf(pairs), [])
        assert.deepStrictEqual(proposalsOf(columns, [], [], []), [])
      }),
    ),
  )
})

describe("dimensions and facts", () => {
  it.effect("a code and its label inside a table are a dimension; the fact names them all", () =>
    connected(
      Effect.fnUntraced(function* (connection) {
        const { columns, pairs } = yield* compared(connection, {
          communes,
          prix: `select lpad((1000 + range % 30000)::varchar, 5, '0') as code_commune, range % 6 + 1 as id, 'Carburant ' || (range % 6) as nom, (range % 977) / 1000 as valeur from range(40000)`,
        })
        const joins = joinsOf(pairs)
        const inner = yield* innerDimensions(connection, columns)
        const proposals = proposalsOf(columns, joins, inner, yield* sharedCodes(connection, columns))
        assert.deepStrictEqual(
          proposals.map(({ model }) => model),
          ["dim_communes", "dim_prix_id", "fct_prix"],
        )
        const fact = proposals.find(({ kind }) => kind === "fact")
        assert.isDefined(fact)
        assert.include(evidenceOf(fact).join("\n"), "code_commune → dim_communes, id → dim_prix_id")
        const files = new Map(filesOf(fact, new Set(["dim_communes"])).map(({ path, text }) => [path, text]))
        assert.deepStrictEqual(
          [...files.keys()].filter((path) => path.endsWith(".sql")),
          ["models/star/dim_prix_id.sql", "models/star/fct_prix.sql"],
        )
        assert.include(
          files.get("models/star/fct_prix.sql") ?? "",
          "left join {{ ref('dim_communes') }} as d1 on facts.code_commune = d1.code_insee",
        )
      }),
    ),
  )

  it.effect("SIRET numbers of two columns are one dimension; other numbers of 14 digits are not", () =>
    connected(
      Effect.fnUntraced(function* (connection) {
        const { columns } = yield* compared(connection, {
          marches:
            "select unnest([21750001600019, 55204599900869]) as acheteur, unnest([12345678901234, 22222222222222]) as reference",
          titulaires: "select '55204599900869' as fournisseur",
        })
        const [shared] = yield* sharedCodes(connection, columns)
        assert.deepStrictEqual(
          shared?.columns.map(({ name }) => name),
          ["acheteur", "fournisseur"],
        )
      }),
    ),
  )
})
