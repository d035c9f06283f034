import { assert, describe, it } from "@effect/vitest"
import type { ReadTable } from "@opendatahub-sql/core/testing"
import * as Effect from "effect/Effect"
import { createHash } from "node:crypto"
import { readdirSync, readFileSync } from "node:fs"
import { corpus, fuel } from "./corpus.ts"
import { read } from "./reading.ts"

interface GoldenColumn {
  readonly name: string
  readonly type: string
  readonly sha256: string
}
/** A table as Python's xml.etree read it: fixtures/golden/README.md. */
interface Golden {
  readonly path: string
  readonly rows: number
  readonly columns: ReadonlyArray<GoldenColumn>
  readonly parentRows?: ReadonlyArray<number>
  readonly parentRowsSha256?: string
}

const folder = (name: string): URL => new URL(`../../../fixtures/golden/${name}/`, import.meta.url)
const goldenOf = (name: string, prefix: string): ReadonlyArray<Golden> =>
  readdirSync(folder(name))
    .filter((file) => file.startsWith(prefix))
    .map((file) => JSON.parse(readFileSync(new URL(file, folder(name)), "utf8")) as Golden)

const sha256 = (value: unknown): string => createHash("sha256").update(JSON.stringify(value)).digest("hex")

const canonical = (type: string, text: string): string => {
  if (type === "integer") return String(BigInt(text))
  if (type === "decimal") return text.includes(".") ? text.replace(/\.?0+$/, "") : text
  if (type === "boolean") return /^(?:true|oui|vrai)$/i.test(text) ? "true" : "false"
  return type === "timestamp" ? text.replace(" ", "T") : text
}

const assertTable = (table: ReadTable | undefined, golden: Golden): void => {
  assert.isDefined(table, golden.path)
  assert.deepStrictEqual(table.columns.toSorted(), golden.columns.map(({ name }) => name).toSorted(), golden.path)
  assert.strictEqual(table.rows.length, golden.rows, golden.path)
  for (const { name, type, sha256: expected } of golden.columns) {
    const cells = table.rows.map((row) => row[table.columns.indexOf(name)] ?? null)
    const values = cells.map((cell) => (typeof cell === "string" && cell !== "" ? canonical(type, cell) : null))
    assert.strictEqual(sha256(values), expected, `${golden.path}: ${name}`)
  }
  if (golden.parentRows !== undefined) assert.deepStrictEqual(table.parentRows, golden.parentRows)
  if (golden.parentRowsSha256 !== undefined) assert.strictEqual(sha256(table.parentRows), golden.parentRowsSha256)
}

/** `pdv/horaires/jour/horaire` is `main__horaires.jour__horaire` once `pdv/horaires/jour` is known to be a table. */
const nameOf = (path: string, paths: ReadonlySet<string>): string => {
  const [, ...rest] = path.split("/")
  let name = "main"
  let step = "__"
  let here = path.split("/")[0] ?? ""
  for (const part of rest) {
    here += `/${part}`
    name += `${step}${part}`
    step = paths.has(here) ? "__" : "."
  }
  return name
}

const assertGolden = Effect.fnUntraced(function* (content: Uint8Array, golden: ReadonlyArray<Golden>) {
  const { tables } = yield* read(content)
  const paths = new Set(golden.map(({ path }) => path))
  assert.deepStrictEqual(Object.keys(tables).toSorted(), golden.map(({ path }) => nameOf(path, paths)).toSorted())
  for (const table of golden) assertTable(tables[nameOf(table.path, paths)], table)
})

describe("real files, as Python's xml.etree reads them", () => {
  it.effect("fuel prices: 10,000 stations, their prices, services, days and hours", () =>
    assertGolden(fuel(), goldenOf("prix-carburants-zip-xml-latin1", "")),
  )

  it.effect("public contracts: a list that holds one element is a list all the same", () =>
    assertGolden(corpus("decp-marches-json-xml/Marche.xml"), goldenOf("decp-marches-json-xml", "xml.")),
  )
})
