/** A JSON value. */
export type Json = null | boolean | number | string | ReadonlyArray<Json> | JsonObject

/** A JSON object, such as the portal's answers. */
export interface JsonObject {
  readonly [key: string]: Json
}

/** The value if it is a text. */
export const textOf = (value: Json | undefined): string | undefined => (typeof value === "string" ? value : undefined)

/** The value if it is an object, else an empty one. */
export const objectOf = (value: Json | undefined): JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : {}

/** The value if it is a list, else an empty one. */
export const listOf = (value: Json | undefined): ReadonlyArray<Json> => (Array.isArray(value) ? value : [])
