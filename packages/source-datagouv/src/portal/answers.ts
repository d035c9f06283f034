/** What the API answers, as far as it is used: unknown keys are ignored and nearly everything may be null. */
import * as Schema from "effect/Schema"
import type { JsonObject } from "@opendatahub-sql/core"

const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value)
const JsonObjectAnswer = Schema.declare(isJsonObject, { expected: "an object" })

const maybe = <S extends Schema.Constraint>(schema: S) => Schema.optionalKey(Schema.NullishOr(schema))
const Text = maybe(Schema.String)
const Flag = maybe(Schema.Union([Schema.String, Schema.Boolean]))

/** A dataset of API 2. `archived` and `deleted` are dates when set. */
export const DatasetAnswer = Schema.Struct({
  id: Schema.NonEmptyString,
  slug: Text,
  title: Text,
  page: Text,
  archived: Flag,
  deleted: Flag,
  license: maybe(Schema.Union([Schema.String, Schema.Struct({ id: Text })])),
  organization: maybe(Schema.Struct({ id: Text, name: Text })),
  frequency: maybe(Schema.Unknown),
})
export type DatasetAnswer = typeof DatasetAnswer.Type

/** A resource of a dataset. `filesize` is bytes. */
export const ResourceAnswer = Schema.Struct({
  id: Schema.NonEmptyString,
  url: Schema.NonEmptyString,
  title: Text,
  type: Text,
  filetype: Text,
  format: Text,
  mime: Text,
  filesize: maybe(Schema.Union([Schema.Number, Schema.String])),
  checksum: maybe(Schema.Struct({ type: Text, value: Text })),
  schema: maybe(Schema.Struct({ name: Text, version: Text, url: Text })),
  created_at: Text,
  last_modified: Text,
})
export type ResourceAnswer = typeof ResourceAnswer.Type

/** A page of a list. `next_page` must be there, null on the last page: without it a walk would end early and nobody would know. */
export const PageAnswer = Schema.Struct({
  data: Schema.Array(JsonObjectAnswer),
  next_page: Schema.NullOr(Schema.String),
  total: maybe(Schema.Number),
})
export type PageAnswer = typeof PageAnswer.Type

/** What a masked search answers for each dataset. */
export const FoundDataset = Schema.Struct({ id: Schema.NonEmptyString, slug: Text })
export type FoundDataset = typeof FoundDataset.Type

/** What a search for people answers for each dataset. */
export const OfferAnswer = Schema.Struct({
  id: Schema.NonEmptyString,
  slug: Text,
  title: Text,
  page: Text,
  license: maybe(Schema.Union([Schema.String, Schema.Struct({ id: Text })])),
  organization: maybe(Schema.Struct({ name: Text })),
  last_update: Text,
  resources: maybe(Schema.Struct({ total: maybe(Schema.Number) })),
})
export type OfferAnswer = typeof OfferAnswer.Type

/** An organisation, as far as its id. */
export const OrganizationAnswer = Schema.Struct({ id: Schema.NonEmptyString })

/** What comes with a refusal. */
export const RefusalAnswer = Schema.Struct({
  message: Text,
  errors: maybe(Schema.Record(Schema.String, Schema.Unknown)),
})
