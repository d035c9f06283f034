/** Avro schemas as JSON, attributes of others (`field-id`, `logicalType`) included: what is read can be written again with nothing lost. */

export type AvroSchema =
  | string
  | ReadonlyArray<AvroSchema>
  | AvroRecord
  | {
      readonly type: "array"
      readonly items: AvroSchema
      readonly logicalType?: string
      readonly "element-id"?: number
    }
  | { readonly type: "map"; readonly values: AvroSchema }
  | { readonly type: "fixed"; readonly name: string; readonly size: number }
  | { readonly type: "enum"; readonly name: string; readonly symbols: ReadonlyArray<string> }
  | { readonly type: AvroSchema; readonly logicalType?: string }

export interface AvroRecord {
  readonly type: "record"
  readonly name: string
  readonly namespace?: string
  readonly fields: ReadonlyArray<AvroField>
}

export interface AvroField {
  readonly name: string
  readonly type: AvroSchema
  readonly default?: null
  readonly "field-id"?: number
}

/** The types that a schema names, by name and by full name. */
export type NamedTypes = ReadonlyMap<string, AvroSchema>

/** Collects the named types of a schema. */
export const namedTypes = (schema: AvroSchema, names = new Map<string, AvroSchema>()): NamedTypes => {
  if (typeof schema === "string") return names
  if (isUnion(schema)) {
    for (const one of schema) namedTypes(one, names)
    return names
  }
  if ("name" in schema) {
    names.set(schema.name, schema)
    if ("namespace" in schema && schema.namespace !== undefined) names.set(`${schema.namespace}.${schema.name}`, schema)
  }
  if ("fields" in schema) for (const field of schema.fields) namedTypes(field.type, names)
  else if ("items" in schema) namedTypes(schema.items, names)
  else if ("values" in schema) namedTypes(schema.values, names)
  else if (typeof schema.type === "object") namedTypes(schema.type, names)
  return names
}

export const isUnion = (schema: AvroSchema): schema is ReadonlyArray<AvroSchema> => Array.isArray(schema)
