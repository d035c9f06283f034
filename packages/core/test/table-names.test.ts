import type { TableName } from "@opendatahub-sql/core"
import { assert, describe, it } from "@effect/vitest"
import { assignTables, localKey, type LocalTable } from "../src/pipeline/read/table-names.ts"

const table = (member: string, columns: ReadonlyArray<string>, local = "main", parent?: string): LocalTable => ({
  member,
  local,
  columns,
  ...(parent === undefined ? {} : { parent }),
})
const pin = (member: string, local: string, name: string, columns: ReadonlyArray<string> = []): TableName => ({
  resource: "r",
  member,
  local,
  table: name,
  columns,
})
const named = (tables: ReadonlyArray<LocalTable>, pinned: ReadonlyArray<TableName> = []) => {
  const names = assignTables("base", tables, pinned)
  return tables.map((one) => names.get(localKey(one.member, one.local)))
}

describe("the tables of a file", () => {
  it("a file of one table gives it the resource's name", () => {
    assert.deepStrictEqual(named([table("", ["a"])]), ["base"])
  })

  it("members of one shape go to one table, whatever the order of their columns", () => {
    assert.deepStrictEqual(named([table("dep_01.csv", ["a", "b"]), table("dep_02.csv", ["b", "a"])]), ["base", "base"])
  })

  it("members of several shapes are named after the members", () => {
    assert.deepStrictEqual(named([table("routes.txt", ["a"]), table("stops.txt", ["b"])]), [
      "base_routes",
      "base_stops",
    ])
  })

  it("members that a profile knows go to its tables, whatever their columns", () => {
    const known = (member: string, columns: ReadonlyArray<string>, name: string) => ({
      ...table(member, columns),
      known: name,
    })
    assert.deepStrictEqual(
      named([
        known("ete/stops.txt", ["a"], "stops"),
        known("hiver/stops.txt", ["a", "b"], "stops"),
        known("hiver/trips.txt", ["a"], "trips"),
        table("more.txt", ["a"]),
      ]),
      ["base_stops", "base_stops", "base_trips", "base_more"],
    )
  })

  it("members of several shapes in series are named after what each series shares", () => {
    assert.deepStrictEqual(
      named([
        table("lieux_01.csv", ["a"]),
        table("lieux_02.csv", ["a"]),
        table("usagers-2019.csv", ["b"]),
        table("usagers-2020.csv", ["b"]),
      ]),
      ["base_lieux", "base_lieux", "base_usagers", "base_usagers"],
    )
  })

  it("a child is named after its parent by what its own name adds", () => {
    assert.deepStrictEqual(
      named([
        table("", ["a"], "main"),
        table("", ["x"], "main__titulaires", "main"),
        table("", ["y"], "main__titulaires__contacts", "main__titulaires"),
      ]),
      ["base", "base__titulaires", "base__titulaires__contacts"],
    )
  })

  it("two shapes of one stem do not share a name", () => {
    const [first, second] = named([table("a/x.csv", ["a"]), table("b/x.csv", ["b"])])
    assert.notStrictEqual(first, second)
  })

  it("a name given once stays, though the file gains a second shape", () => {
    assert.deepStrictEqual(
      named([table("a.csv", ["a"]), table("b.csv", ["b"])], [pin("a.csv", "main", "base", ["a"])]),
      ["base", "base_b"],
    )
  })

  it("a member that was renamed is known by its shape", () => {
    assert.deepStrictEqual(
      named(
        [table("routes-2026.txt", ["a"]), table("stops-2026.txt", ["b"])],
        [pin("routes.txt", "main", "base_routes", ["a"]), pin("stops.txt", "main", "base_stops", ["b"])],
      ),
      ["base_routes", "base_stops"],
    )
  })

  it("a new member does not take the name that a later member was given before", () => {
    const [added, known] = named(
      [table("a.csv", ["new"]), table("b.csv", ["b"])],
      [pin("b.csv", "main", "base_a", ["b"])],
    )
    assert.strictEqual(known, "base_a")
    assert.notStrictEqual(added, "base_a")
  })

  it("a file that had several tables and has one left puts it where it was", () => {
    assert.deepStrictEqual(
      named(
        [table("stops.txt", ["b"])],
        [pin("routes.txt", "main", "base_routes", ["a"]), pin("stops.txt", "main", "base_stops", ["b"])],
      ),
      ["base_stops"],
    )
  })

  it("a base that the configuration changes takes the tables with it, children included", () => {
    const before = [
      pin("", "", "old"),
      pin("", "main", "old", ["a"]),
      pin("", "main__titulaires", "old__titulaires", ["x"]),
    ]
    assert.deepStrictEqual(named([table("", ["a"], "main"), table("", ["x"], "main__titulaires", "main")], before), [
      "base",
      "base__titulaires",
    ])
  })
})
