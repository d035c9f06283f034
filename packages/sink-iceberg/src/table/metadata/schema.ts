/** Schemas of tables: fields have an id for ever, so that names, order and some types may change without a data file being written again. */

/** A type as the specification spells it: `long`, `decimal(9, 2)`, or nested. */
export type IcebergType = string | StructType | ListType | MapType
export interface StructType {
  readonly type: "struct"
  readonly fields: ReadonlyArray<Field>
}
export interface ListType {
  readonly type: "list"
  readonly "element-id": number
  readonly element: IcebergType
  readonly "element-required": boolean
}
export interface MapType {
  readonly type: "map"
  readonly "key-id": number
  readonly key: IcebergType
  readonly "value-id": number
  readonly value: IcebergType
  readonly "value-required": boolean
}

export interface Field {
  readonly id: number
  readonly name: string
  readonly required: boolean
  readonly type: IcebergType
  readonly doc?: string
}

export interface Schema extends StructType {
  readonly "schema-id": number
  readonly "identifier-field-ids"?: ReadonlyArray<number>
}

/** One step of an evolution, of a column at the top of the schema. `place`: the names of all columns in their new order. */
export type SchemaChange =
  | { readonly change: "add"; readonly name: string; readonly type: string; readonly doc?: string }
  | { readonly change: "drop"; readonly name: string }
  | { readonly change: "rename"; readonly name: string; readonly to: string }
  | { readonly change: "widen"; readonly name: string; readonly type: string }
  | { readonly change: "reorder"; readonly names: ReadonlyArray<string> }

const decimalForm = /^decimal\(\s*(\d+)\s*,\s*(\d+)\s*\)$/

/** Precision and scale of a decimal type. */
export const decimalOf = (type: IcebergType): { readonly precision: number; readonly scale: number } | undefined => {
  const match = typeof type === "string" ? decimalForm.exec(type) : null
  return match === null ? undefined : { precision: Number(match[1]), scale: Number(match[2]) }
}

/** Whether stored values of `from` are read as `to` where they are (Iceberg specification, "Schema Evolution", format version 2). */
export const isPromotion = (from: IcebergType, to: IcebergType): boolean => {
  if (from === to) return true
  if (from === "int") return to === "long"
  if (from === "float") return to === "double"
  const [before, after] = [decimalOf(from), decimalOf(to)]
  return (
    before !== undefined && after !== undefined && after.scale === before.scale && after.precision >= before.precision
  )
}

const idsOf = (type: IcebergType): ReadonlyArray<number> => {
  if (typeof type === "string") return []
  if (type.type === "struct") return type.fields.flatMap((field) => [field.id, ...idsOf(field.type)])
  if (type.type === "list") return [type["element-id"], ...idsOf(type.element)]
  return [type["key-id"], type["value-id"], ...idsOf(type.key), ...idsOf(type.value)]
}

/** The highest field id, nested ones included. */
export const highestFieldId = (schema: StructType): number => Math.max(0, ...idsOf(schema))

/** The column of a name. */
export const fieldNamed = (schema: StructType, name: string): Field | undefined =>
  schema.fields.find((field) => field.name === name)

const existing = (fields: ReadonlyArray<Field>, name: string): Field => {
  const field = fields.find((one) => one.name === name)
  if (field === undefined) throw new RangeError(`the table has no column "${name}"`)
  return field
}

const free = (fields: ReadonlyArray<Field>, name: string): void => {
  if (fields.some((field) => field.name === name)) throw new RangeError(`the table already has a column "${name}"`)
}

const replace = (fields: ReadonlyArray<Field>, field: Field): ReadonlyArray<Field> =>
  fields.map((one) => (one.id === field.id ? field : one))

const step = (fields: ReadonlyArray<Field>, change: SchemaChange, nextId: () => number): ReadonlyArray<Field> => {
  switch (change.change) {
    case "add": {
      free(fields, change.name)
      const { name, type, doc } = change
      return [...fields, { id: nextId(), name, required: false, type, ...(doc === undefined ? {} : { doc }) }]
    }
    case "drop": {
      const dropped = existing(fields, change.name)
      return fields.filter((field) => field !== dropped)
    }
    case "rename": {
      free(fields, change.to)
      return replace(fields, { ...existing(fields, change.name), name: change.to })
    }
    case "widen": {
      const field = existing(fields, change.name)
      if (!isPromotion(field.type, change.type))
        throw new RangeError(`the column "${change.name}" cannot become ${change.type} where its values are`)
      return replace(fields, { ...field, type: change.type })
    }
    case "reorder": {
      if (change.names.length !== fields.length || new Set(change.names).size !== fields.length)
        throw new RangeError("a new order names every column once")
      return change.names.map((name) => existing(fields, name))
    }
  }
}

/** The schema after the changes, and the highest id ever given. Throws a RangeError when a change cannot be made. */
export const evolveSchema = (
  schema: Schema,
  lastColumnId: number,
  changes: ReadonlyArray<SchemaChange>,
): { readonly schema: Schema; readonly lastColumnId: number } => {
  let last = Math.max(lastColumnId, highestFieldId(schema))
  const fields = changes.reduce((before, change) => step(before, change, () => ++last), schema.fields)
  const identifiers = schema["identifier-field-ids"]?.filter((id) => fields.some((field) => field.id === id))
  return {
    schema: { ...schema, fields, ...(identifiers === undefined ? {} : { "identifier-field-ids": identifiers }) },
    lastColumnId: last,
  }
}
