import { assert, describe, it } from "@effect/vitest"
import { nameMapping } from "../../src/table/metadata/name-mapping.ts"
import { evolveSchema, isPromotion, type Schema } from "../../src/table/metadata/schema.ts"

const schema: Schema = {
  type: "struct",
  "schema-id": 0,
  fields: [
    { id: 1, name: "a", required: false, type: "int" },
    { id: 2, name: "b", required: false, type: "decimal(9, 2)", doc: "B" },
    {
      id: 3,
      name: "s",
      required: false,
      type: {
        type: "struct",
        fields: [
          {
            id: 4,
            name: "l",
            required: false,
            type: { type: "list", "element-id": 5, element: "string", "element-required": false },
          },
        ],
      },
    },
  ],
}

describe("schemas", () => {
  it("evolve by steps; an id is never given twice", () => {
    const { schema: next, lastColumnId } = evolveSchema(schema, 7, [
      { change: "rename", name: "a", to: "id" },
      { change: "widen", name: "id", type: "long" },
      { change: "drop", name: "s" },
      { change: "add", name: "s", type: "string", doc: "S" },
      { change: "widen", name: "b", type: "decimal(12, 2)" },
      { change: "reorder", names: ["s", "b", "id"] },
    ])
    assert.deepStrictEqual(
      next.fields.map((field) => [field.id, field.name, field.type, field.doc]),
      [
        [8, "s", "string", "S"],
        [2, "b", "decimal(12, 2)", "B"],
        [1, "id", "long", undefined],
      ],
    )
    assert.strictEqual(lastColumnId, 8)
    assert.strictEqual(evolveSchema(schema, 0, [{ change: "add", name: "n", type: "long" }]).lastColumnId, 6)
  })

  it("refuse what would make another column of one, or two of one name", () => {
    for (const change of [
      { change: "add", name: "a", type: "long" },
      { change: "rename", name: "a", to: "b" },
      { change: "rename", name: "none", to: "c" },
      { change: "drop", name: "none" },
      { change: "widen", name: "a", type: "string" },
      { change: "reorder", names: ["a", "a", "b"] },
      { change: "reorder", names: ["a", "b"] },
    ] as const)
      assert.throws(() => evolveSchema(schema, 5, [change]), RangeError)
  })

  it("know which types are read where they are", () => {
    const promotions = ["int>long", "float>double", "decimal(9, 2)>decimal(10, 2)", "date>date"]
    const others = [
      "long>int",
      "long>decimal(20, 0)",
      "decimal(9, 2)>decimal(12, 3)",
      "decimal(9,2)>decimal(8,2)",
      "date>timestamp",
      "int>string",
    ]
    const isOne = (pair: string): boolean => isPromotion(...(pair.split(">") as [string, string]))
    assert.deepStrictEqual(promotions.map(isOne), [true, true, true, true])
    assert.deepStrictEqual(others.filter(isOne), [])
  })

  it("keep the names that columns had, unless another column has them now", () => {
    const first = nameMapping(schema)
    assert.deepStrictEqual(JSON.parse(first), [
      { "field-id": 1, names: ["a"] },
      { "field-id": 2, names: ["b"] },
      {
        "field-id": 3,
        names: ["s"],
        fields: [{ "field-id": 4, names: ["l"], fields: [{ "field-id": 5, names: ["element"] }] }],
      },
    ])
    const renamed = evolveSchema(schema, 5, [
      { change: "rename", name: "a", to: "z" },
      { change: "rename", name: "b", to: "a" },
      { change: "drop", name: "s" },
    ]).schema
    assert.deepStrictEqual(JSON.parse(nameMapping(renamed, first)), [
      { "field-id": 1, names: ["z"] },
      { "field-id": 2, names: ["b", "a"] },
    ])
  })
})
