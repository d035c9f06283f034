import { assert, describe, it } from "@effect/vitest"
import { parseValue, Tables } from "@opendatahub-sql/core/json"

const record = (tables: Tables, text: string, cells?: ReadonlyArray<string | null>, key?: string) =>
  tables.append("main", parseValue(text), text, key, cells)

describe("tables with columns of the format's own", () => {
  it("keep their names and types whatever keys the file has", () => {
    const tables = new Tables(9, [{ name: "geometry", type: "blob" }])
    record(tables, '{"geometry": "a text", "list": [1]}', [null])
    record(tables, '{"nom": "Gap"}', ["01"])
    const [started, batch, child] = tables.flush()
    assert.deepStrictEqual(started, {
      _tag: "TableStarted",
      table: "main",
      columns: [{ name: "geometry_2" }, { name: "geometry", type: "blob" }, { name: "nom" }],
    })
    assert.deepInclude(batch, {
      columns: [
        ["a text", null],
        [null, "01"],
        [null, "Gap"],
      ],
    })
    assert.deepInclude(child, { table: "main__list", columns: [{ name: "value" }] })
  })

  it("start without a row, and have what came before they were set", () => {
    const tables = new Tables(9, [{ name: "geometry", type: "blob" }])
    tables.start("main")
    assert.deepStrictEqual(tables.flush(), [
      { _tag: "TableStarted", table: "main", columns: [{ name: "geometry", type: "blob" }] },
    ])
    record(tables, "{}")
    record(tables, "{}", ["7"])
    assert.deepInclude(tables.flush()[0], { columns: [[null, "7"]] })
  })

  it("name the column of the keys, whatever keys the records have", () => {
    const tables = new Tables(9, [], "id")
    record(tables, '{"id": "of the record"}', undefined, "beside it")
    assert.deepInclude(tables.flush()[0], { columns: [{ name: "id" }, { name: "id_2" }] })
  })
})
