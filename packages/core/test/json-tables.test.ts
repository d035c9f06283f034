import { assert, describe, it } from "@effect/vitest"
import { parseValue, Tables } from "@opendatahub-sql/core/json"

const record = (tables: Tables, text: string, own: ReadonlyMap<string, string | null>) =>
  tables.append("main", parseValue(text), text, undefined, own)

describe("tables with columns of the format's own", () => {
  it("keep their names and types whatever keys the file has", () => {
    const tables = new Tables(9, [{ name: "geometry", type: "blob" }])
    record(tables, '{"geometry": "a text", "list": [1]}', new Map([["geometry", null]]))
    record(tables, '{"nom": "Gap"}', new Map([["geometry", "01"]]))
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
    record(tables, "{}", new Map())
    record(tables, "{}", new Map([["id", "7"]]))
    assert.deepInclude(tables.flush()[1], {
      columns: [
        [null, null],
        [null, "7"],
      ],
    })
  })
})
