/** The extraction record, as it stands on disk: one JSON document per extraction, checked when it is read, since a lake can come from elsewhere. */
import {
  type Extraction,
  type JsonObject,
  misconfigured,
  type LakeError,
  type Resource,
  terminal,
} from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { failure } from "./failure.ts"
import { stripHeaders, stripObject, stripSecrets } from "./secrets.ts"

const text = Schema.String
const maybe = Schema.optionalKey(text)
const bytes = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))

/** Out of `JSON.parse`, so JSON all the way down: a walk through the portal's metadata would take ten times longer than all other checks. */
const Metadata = Schema.declare(
  (value: unknown): value is JsonObject => Predicate.isObject(value) && !Array.isArray(value),
)

const ResourceSchema: Schema.Codec<Resource> = Schema.Struct({
  source: text,
  dataset: Schema.Struct({
    id: text,
    slug: text,
    title: text,
    organization: maybe,
    license: maybe,
    page: maybe,
    updateEvery: Schema.optionalKey(Schema.Number),
  }),
  id: text,
  portalId: text,
  title: text,
  url: text,
  format: maybe,
  mediaType: maybe,
  size: Schema.optionalKey(Schema.Number),
  checksum: Schema.optionalKey(Schema.Struct({ type: text, value: text })),
  schema: Schema.optionalKey(Schema.Struct({ name: maybe, version: maybe, url: maybe })),
  lastModified: maybe,
  into: maybe,
  siblings: Schema.Array(Schema.suspend((): Schema.Codec<Resource> => ResourceSchema)),
  metadata: Metadata,
})

/** A path that stays under `raw/`: a foreign record must not make us read anything else. */
const RawPath = text.check(Schema.isPattern(/^raw(\/(?!\.{1,2}(\/|$))[^/\\\0]+)+$/))

const StoredFileSchema = Schema.Struct({
  path: RawPath,
  name: text,
  sha256: text.check(Schema.isPattern(/^[0-9a-f]{64}$/)),
  bytes,
  mediaType: maybe,
  validators: Schema.Struct({ etag: maybe, lastModified: maybe }),
})

const ExtractionSchema: Schema.Codec<Extraction> = Schema.Struct({
  formatVersion: Schema.Literal(1),
  extractedAt: text.check(Schema.isPattern(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/)),
  resource: ResourceSchema,
  file: StoredFileSchema,
  siblings: Schema.Record(text, StoredFileSchema),
  headers: Schema.Record(text, text),
  finalUrl: text,
  endedAt: text,
  writtenBy: text,
  past: Schema.optionalKey(Schema.Struct({ how: Schema.Literals(["imported", "backfilled"]), keptAt: text })),
  redactions: Schema.optionalKey(
    Schema.Array(
      Schema.Struct({ at: text, was: RawPath, sha256: text, columns: Schema.Array(text), rows: Schema.Number }),
    ),
  ),
})

const decode = Schema.decodeUnknownResult(Schema.fromJsonString(ExtractionSchema))
const newerFormat = Schema.decodeUnknownResult(
  Schema.fromJsonString(Schema.Struct({ formatVersion: Schema.Int.check(Schema.isGreaterThan(1)) })),
)

/** The extraction in a record's text, or why it is none. */
export const parseRecord = (json: string): Result.Result<Extraction, string> =>
  Result.mapError(decode(json), (error) =>
    Result.isSuccess(newerFormat(json)) ? "it was written by a newer version" : error.message,
  )

/** The extraction in a record's text; `path` names the record in the error. */
export const decodeRecord = (path: string, json: string): Effect.Effect<Extraction, LakeError> =>
  Effect.mapError(Effect.fromResult(parseRecord(json)), (why) =>
    why.includes("newer version")
      ? failure("extractions", `the record ${path} was written by a newer version: upgrade`, misconfigured)
      : failure(
          "extractions",
          `the record ${path} cannot be read (${why}): run \`odh lake verify\`, then move it away or restore it from a copy`,
          terminal,
        ),
  )

const encode = Schema.encodeUnknownResult(ExtractionSchema)

/**
 * The text of a record: indented for people, with a final line end. Fields come in the order of the schema, so equal records are equal texts.
 * What could not be read again is not written: it fails.
 */
export const encodeRecord = (extraction: Extraction): Effect.Effect<string, LakeError> =>
  Effect.fromResult(encode(extraction)).pipe(
    Effect.mapBoth({
      onSuccess: (record) => `${JSON.stringify(record, undefined, 2)}\n`,
      onFailure: (error) =>
        failure(
          "keep",
          `the extraction of ${extraction.resource.id} makes no valid record (${error.message}): report this as a bug`,
        ),
    }),
  )

/** A resource without the credentials that its URLs may carry. */
export const withoutSecrets = (resource: Resource): Resource => ({
  ...resource,
  url: stripSecrets(resource.url),
  ...(resource.schema?.url === undefined
    ? {}
    : { schema: { ...resource.schema, url: stripSecrets(resource.schema.url) } }),
  dataset: {
    ...resource.dataset,
    ...(resource.dataset.page === undefined ? {} : { page: stripSecrets(resource.dataset.page) }),
  },
  siblings: resource.siblings.map(withoutSecrets),
  metadata: stripObject(resource.metadata),
})

/** What of the response is recorded. */
export const recordedResponse = (download: {
  readonly finalUrl: string
  readonly headers: Readonly<Record<string, string>>
}): Pick<Extraction, "finalUrl" | "headers"> => ({
  finalUrl: stripSecrets(download.finalUrl),
  headers: stripHeaders(download.headers),
})
