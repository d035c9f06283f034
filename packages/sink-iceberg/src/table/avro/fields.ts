/** Fields of records as Iceberg's Avro schemas spell them: each has the id that the specification gives it. */
import type { AvroField, AvroSchema } from "./schema.ts"

/** A field that is always there. */
export const field = (name: string, type: AvroSchema, id: number): AvroField => ({ name, type, "field-id": id })

/** A field that may be null. */
export const optional = (name: string, type: AvroSchema, id: number): AvroField => ({
  name,
  type: ["null", type],
  default: null,
  "field-id": id,
})

/** A list whose elements have an id. */
export const list = (items: AvroSchema, id: number): AvroSchema => ({ type: "array", items, "element-id": id })
