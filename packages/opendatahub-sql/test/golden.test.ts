import { assert, beforeAll, describe, it } from "@effect/vitest"
import { type Cell, type ColumnType } from "@opendatahub-sql/core"
import { datagouv, duckdb, openHub } from "opendatahub-sql"
import { dataset, startDatagouv } from "@opendatahub-sql/testkit/datagouv"
import * as Effect from "effect/Effect"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { canonical, type Golden, goldenTables, isChild, kindOf, sha256 } from "./support/golden.ts"
import { ask, corpus } from "./support/place.ts"

/** Every file of the golden tables is a resource of a portal; the states of one file share a table. */
const intoOf = (file: string): string =>
  file.startsWith("history-covid")
    ? "hospitalisations"
    : file.startsWith("decp")
      ? `decp_${file.split(".").at(-1) ?? ""}`
      : (file.split("/")[1] ?? file)
          .replace(/\.[a-z].*$/, "")
          .replaceAll(/[^a-z0-9]+/gi, "_")
          .toLowerCase()
const files = [...new Set(goldenTables.map((golden) => golden.file))]

interface Slice {
  readonly columns: ReadonlyArray<{ readonly name: string; readonly original: string; readonly type: ColumnType }>
  readonly rows: ReadonlyArray<Readonly<Record<string, Cell>>>
  readonly rejects: ReadonlyArray<Readonly<Record<string, Cell>>>
}

const loaded = new Map<string, Slice | Error>()

/** The root tables of a file: members of an archive, or the one that others are children of. */
const rootsOf = (golden: Golden): ReadonlyArray<Golden> =>
  goldenTables.filter((one) => one.file === golden.file && !isChild(one))

/** The table of a place below the root: its path, folded, cut where it is too long. */
const childTable = (tables: ReadonlyArray<string>, golden: Golden): string | undefined => {
  const below = (golden.path ?? "").slice((rootsOf(golden)[0]?.path ?? "").length)
  const folded = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]+/g, "_")
  const wanted = folded(`${intoOf(golden.file)}${below}`)
  return (
    tables.find((name) => name.includes("__") && folded(name) === wanted) ??
    tables.find((name) => /__.*_[0-9a-f]{8}$/.test(name) && wanted.startsWith(folded(name.slice(0, -9))))
  )
}

const read = Effect.fnUntraced(function* (warehouse: string, golden: Golden, sha: string) {
  const where = `_file_sha256 = '${sha}'${golden.member === undefined ? "" : ` and _member = '${golden.member}'`}`
  const into = intoOf(golden.file)
  const tables = (yield* ask(
    warehouse,
    `select table_name as t from odh.tables where table_name = '${into}' or starts_with(table_name, '${into}_') order by 1`,
  )).map((row) => String(row["t"]))
  const ours = isChild(golden)
    ? childTable(tables, golden)
    : golden.member === undefined || rootsOf(golden).length === 1
      ? into
      : `${into}_${golden.member.replace(/\..*$/, "")}`
  assert(ours !== undefined, `${golden.name} is in none of ${tables.join(", ")}`)
  const columns = yield* ask(
    warehouse,
    `select column_name as name, original, type from odh.columns where table_name = '${ours}' order by position`,
  )
  return {
    columns: columns as unknown as Slice["columns"],
    rows: yield* ask(warehouse, `from bronze."${ours}" where ${where} order by _row`),
    rejects: yield* ask(
      warehouse,
      `from odh.rejects where table_name = '${ours}' and _load_id in (select load_key from odh.loads where file_sha256 = '${sha}') order by _row`,
    ),
  } satisfies Slice
})

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "odh-golden-"))
  const portal = await startDatagouv({ files: corpus, catalogue: false })
  try {
    for (const file of files) {
      portal.add(
        dataset({
          slug: `golden-${intoOf(file)}-${files.indexOf(file)}`,
          title: file,
          resources: [{ id: sha256(file).slice(0, 32), title: file.split("/")[1] ?? file, content: { file } }],
        }),
      )
    }
    const warehouse = join(folder, "warehouse.duckdb")
    const hub = await openHub({
      lake: join(folder, "lake"),
      network: { allowPrivate: ["127.0.0.1"] },
      sources: [
        datagouv({
          url: portal.url,
          datasets: files.map((file, index) => ({ id: `golden-${intoOf(file)}-${index}`, into: intoOf(file) })),
        }),
      ],
      sinks: [duckdb({ path: warehouse })],
    })
    const report = await hub.sync()
    for (const one of report.resources) if (one.status !== "loaded") console.error(one.title, one.status, one.failure)
    const shas = await Effect.runPromise(ask(warehouse, "select resource_id, file_sha256 from odh.loads"))
    const shaOf = new Map(shas.map((row) => [String(row["resource_id"]), String(row["file_sha256"])]))
    for (const golden of goldenTables) {
      const sha = shaOf.get(sha256(golden.file).slice(0, 32))
      if (sha !== undefined)
        loaded.set(
          golden.name,
          await Effect.runPromise(read(warehouse, golden, sha)).catch((error: unknown) => error as Error),
        )
    }
  } finally {
    await portal.close()
    await rm(folder, { recursive: true, force: true })
  }
}, 300_000)

describe("what Python's standard library reads is what arrives in DuckDB", () => {
  for (const golden of goldenTables) {
    it(`${golden.name}: rows, headers, types and values`, () => {
      const slice = loaded.get(golden.name)
      assert(slice !== undefined, "it was not loaded")
      if (slice instanceof Error) throw slice
      assert.strictEqual(slice.rows.length, golden.rows, "rows")
      const differences: Array<string> = []
      const headers = slice.columns.map((column) => column.original)
      if (JSON.stringify(headers) !== JSON.stringify(golden.columns.map((column) => column.name)))
        differences.push(
          `headers ${headers.join(",")} instead of ${golden.columns.map((column) => column.name).join(",")}`,
        )
      const values = golden.columns.map((column) => {
        const ours = slice.columns.find((one) => one.original === column.name)
        if (ours === undefined) return []
        const kind = kindOf(ours.type)
        if (kind !== column.type && column.alsoRight?.includes(kind) !== true && column.type !== "null")
          differences.push(`${column.name} is ${ours.type}, not ${column.type}`)
        // Two words that may be a boolean: of `O` and `N`, oui and non, the greater one is yes.
        const worded = (value: Cell): Cell =>
          typeof value === "boolean" && column.type === "text" ? ((value ? column.max : column.min) ?? null) : value
        const cells = slice.rows.map((row) =>
          canonical(worded(row[ours.name] ?? null), column.type === "null" ? kind : column.type),
        )
        const digest = sha256(JSON.stringify(cells))
        if (digest !== column.sha256)
          differences.push(
            `${column.name} (${ours.type} for ${column.type}): values differ, ${cells.filter((cell) => cell !== null).length} of ${column.nonNull}; first ${JSON.stringify(cells.slice(0, 3))}`,
          )
        return cells
      })
      for (const sample of golden.samples) {
        const mine = values.map((cells) => cells[sample.row - 1])
        if (JSON.stringify(mine) !== JSON.stringify(sample.values))
          differences.push(`row ${sample.row}: ${JSON.stringify(mine)} instead of ${JSON.stringify(sample.values)}`)
      }
      const parents = slice.rows.map((row) => Number(row["_parent_row"]))
      if (golden.parentRows !== undefined) assert.deepStrictEqual(parents, golden.parentRows)
      if (golden.parentRowsSha256 !== undefined)
        assert.strictEqual(sha256(JSON.stringify(parents)), golden.parentRowsSha256, "parents")
      if (slice.rejects.length > 0)
        differences.push(
          `${slice.rejects.length} rejects, first ${JSON.stringify(slice.rejects[0], (_, v: unknown) => (typeof v === "bigint" ? String(v) : v))}`,
        )
      assert.deepStrictEqual(differences, [])
    })
  }
})
