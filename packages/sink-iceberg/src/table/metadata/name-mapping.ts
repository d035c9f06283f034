/** The name mapping of a table (`schema.name-mapping.default`): how columns of data files without field ids are found. */
import type { IcebergType, StructType } from "./schema.ts"

/** The property that holds it. */
export const NAME_MAPPING = "schema.name-mapping.default"

interface Mapped {
  readonly "field-id"?: number
  readonly names: ReadonlyArray<string>
  readonly fields?: ReadonlyArray<Mapped>
}

const childrenOf = (type: IcebergType, before: ReadonlyArray<Mapped>): ReadonlyArray<Mapped> => {
  if (typeof type === "string") return []
  if (type.type === "struct") return mapFields(type, before)
  if (type.type === "list") return mapFields(child([["element", type["element-id"], type.element]]), before)
  return mapFields(
    child([
      ["key", type["key-id"], type.key],
      ["value", type["value-id"], type.value],
    ]),
    before,
  )
}

const child = (fields: ReadonlyArray<readonly [string, number, IcebergType]>): StructType => ({
  type: "struct",
  fields: fields.map(([name, id, type]) => ({ id, name, type, required: false })),
})

const mapFields = (struct: StructType, before: ReadonlyArray<Mapped>): ReadonlyArray<Mapped> =>
  struct.fields.map((field) => {
    const known = before.find((one) => one["field-id"] === field.id)
    const taken = new Set(struct.fields.filter((one) => one.id !== field.id).map((one) => one.name))
    const names = [...new Set([...(known?.names ?? []), field.name])].filter((name) => !taken.has(name))
    const fields = childrenOf(field.type, known?.fields ?? [])
    return { "field-id": field.id, names, ...(fields.length === 0 ? {} : { fields }) }
  })

const parse = (mapping: string | undefined): ReadonlyArray<Mapped> =>
  mapping === undefined ? [] : (JSON.parse(mapping) as ReadonlyArray<Mapped>)

/** A name that a column is known by besides, by its field id. */
export type OtherName = readonly [fieldId: number, name: string]

/** The names of a column at the top of the schema in a mapping. */
export const namesOf = (mapping: string | undefined, fieldId: number): ReadonlyArray<string> =>
  parse(mapping).find((one) => one["field-id"] === fieldId)?.names ?? []

/** The mapping of a schema as the property's text. Names that columns had before (in `previous`, and `others`) stay, unless another column has them now. */
export const nameMapping = (schema: StructType, previous?: string, others: ReadonlyArray<OtherName> = []): string =>
  JSON.stringify(
    mapFields(schema, [
      ...parse(previous).map((known) => ({
        ...known,
        names: [...known.names, ...others.filter(([id]) => id === known["field-id"]).map(([, name]) => name)],
      })),
      ...others.map(([id, name]) => ({ "field-id": id, names: [name] })),
    ]),
  )
