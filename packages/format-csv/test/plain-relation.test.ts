/** The proof by the bytes and the proof in SQL give one table, whatever is in the columns. */
import { assert, describe, it, layer as withLayer } from "@effect/vitest"
import { Engine, type Relation, type TypedTable, type Typing } from "@opendatahub-sql/core"
import { layer, openDatabase } from "@opendatahub-sql/engine-duckdb"
import * as Effect from "effect/Effect"
import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { csv } from "../src/index.ts"
import { fileOf } from "./reading.ts"

const workFolder = mkdtempSync(join(tmpdir(), "odh-plain-"))
const auto: Typing = { types: "auto", tolerance: 0.999, pinned: () => undefined, atLeast: () => undefined }

const two = (n: number): string => String(n).padStart(2, "0")
const day = (n: number): string => `${two(1 + (n % 28))}/${two(1 + (n % 12))}/${2000 + (n % 25)}`
const isoDay = (n: number): string => day(n).split("/").toReversed().join("-")

/** So many that most of them are outside every sample. */
const ROWS = 16_000
const columns: Readonly<Record<string, (n: number) => string>> = {
  entier: (n) => String(n - 8_000),
  montant: (n) => `${n % 977},${two(n % 100)}`,
  taux: (n) => (n % 5 === 0 ? "" : `0.${n % 10}`),
  date: day,
  "date iso": isoDay,
  "deux dates": (n) => (n % 2 === 0 ? day(n) : isoDay(n)),
  instant: (n) => `${isoDay(n)}T${two(n % 24)}:${two(n % 60)}:00`,
  "instant espace": (n) => `${isoDay(n)} ${two(n % 24)}:${two(n % 60)}:59`,
  oui: (n) => (n % 3 === 0 ? "oui" : "non"),
  commune: (n) => `Crécy-${n % 31}`,
  // What is not plain.
  groupes: (n) => `${1 + (n % 9)} 000`,
  signe: (n) => `+${n % 50}`,
  blanc: (n) => (n % 1000 === 7 ? " " : String(n % 50)),
  nd: (n) => (n % 1000 === 7 ? "n.d." : String(n % 50)),
  // What no sample shows.
  "code tardif": (n) => (n === 11_011 ? "01001" : String(n)),
  "faute tardive": (n) => (n === 11_011 ? "douze" : String(n)),
  "decimales tardives": (n) => (n === 11_011 ? "1,234" : `${n},5`),
  "jour tardif": (n) => (n === 11_011 ? "31/02/2020" : day(n)),
  "heure tardive": (n) => (n === 11_011 ? "31/01/2020 10:00" : day(n)),
  "grand tardif": (n) => (n === 11_011 ? "12345678901234567890" : String(n)),
}

const record = (n: number, cell: (value: string) => string = String): string =>
  Object.values(columns)
    .map((value) => cell(value(n)))
    .join(";")
const text = (line: (n: number) => string): string =>
  [Object.keys(columns).join(";"), ...Array.from({ length: ROWS }, (_, n) => line(n)), ""].join("\r\n")

const relationOf = Effect.fnUntraced(function* (content: string | Uint8Array) {
  const format = yield* csv().decode
  const [relation] = (yield* format.relations?.(fileOf(content)) ?? Effect.succeed(undefined)) ?? []
  return relation ?? assert.fail("declined beforehand")
})

const rows = (table: TypedTable, sql: string) =>
  Effect.scoped(
    Effect.flatMap(openDatabase({ workFolder }), (database) =>
      Effect.flatMap(database.connect, (connection) =>
        connection.all(
          `select md5(string_agg(t::varchar, chr(10) order by _row)) as md5, count(*) as n from (${sql}) t`,
        ),
      ),
    ),
  ).pipe(Effect.map((found) => [table.name, ...found]))

const summary = Effect.fnUntraced(function* (relation: Relation) {
  const [table] = (yield* (yield* Engine).typeRelations([relation], auto)) ?? []
  if (table === undefined) return assert.fail("the engine declined")
  return {
    columns: table.columns,
    rows: yield* rows(table, table.relation),
    rejects: yield* rows(table, table.rejects),
    counts: [table.rows, table.rowRejects, table.cellRejects],
  }
})

describe("a table proven by its bytes", () => {
  withLayer(layer({ workFolder, threads: 2 }))((it) => {
    const files: ReadonlyArray<readonly [what: string, content: () => string | Uint8Array]> = [
      ["in UTF-8", () => text(record)],
      ["in windows-1252", () => Buffer.from(text(record).replace("Crécy-0", "Cr\u0092cy"), "latin1")],
      ["with every cell in quotes", () => text((n) => record(n, (value) => `"${value}"`))],
      [
        "with ragged records",
        () => text((n) => (n % 1000 === 3 ? "1;2" : n % 1000 === 4 ? `${record(n)};` : record(n))),
      ],
      ["with empty lines", () => text((n) => (n % 1000 === 3 ? `${record(n)}\r\n` : record(n)))],
    ]
    for (const [what, content] of files) {
      it.effect(
        `is the table proven in SQL, ${what}`,
        () =>
          Effect.gen(function* () {
            const { plain, ...proven } = yield* relationOf(content())
            assert.isDefined(plain)
            assert.deepStrictEqual(yield* summary({ ...proven, plain }), yield* summary(proven))
          }).pipe(Effect.scoped),
        60_000,
      )
    }
  })
})

it.effect("finds plain what is, through the cuts of the chunks", () =>
  Effect.gen(function* () {
    const { plain } = yield* relationOf(text(record))
    const found = yield* (
      plain?.([{ kind: "number", mark: "," }, { kind: "number", mark: "," }, undefined]) ?? assert.fail("cannot look")
    )
    assert.deepStrictEqual(found.columns.slice(0, 2), [
      { others: 0, examples: [], complete: true, digits: 4, scale: 0 },
      { others: 0, examples: [], complete: true, digits: 3, scale: 2 },
    ])
  }).pipe(Effect.scoped),
)

it.effect("says beforehand what the engine would refuse in the end", () =>
  Effect.gen(function* () {
    const unfit = Effect.fnUntraced(function* (content: string) {
      const { plain } = yield* relationOf(content)
      return (yield* plain?.(Object.keys(columns).map(() => undefined)) ?? assert.fail("cannot look")).unfit
    })
    assert.isUndefined(yield* unfit(text(record)))
    assert.isUndefined(yield* unfit(text((n) => (n === 9 ? "1;2" : record(n)))))
    assert.isDefined(yield* unfit(text((n) => (n === 9 ? "1;2" : n === 8 ? `${record(n)}\r\n` : record(n)))))
    assert.isDefined(yield* unfit(text((n) => (n % 3 === 0 ? "1;2" : record(n)))))
    assert.isDefined(yield* unfit(text((n) => (n === 9 ? `${record(n)}\n${record(n)}` : record(n)))))
  }).pipe(Effect.scoped),
)
