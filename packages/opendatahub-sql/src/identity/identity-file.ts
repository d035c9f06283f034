/** The file of identities: what is proposed, what people accepted or rejected, and when. It belongs beside the configuration, under version control. */
import { type Identity, misconfigured, SourceError } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs"

const Share = Schema.Number.check(Schema.isBetween({ minimum: 0, maximum: 1 }))
const Part = Schema.NullOr(Share)

const Entry = Schema.Struct({
  source: Schema.String,
  /** The file of the portal, and where it is offered now. */
  portalId: Schema.String,
  title: Schema.String,
  /** The known resource, and what it was called. */
  dataset: Schema.String,
  resource: Schema.String,
  knownTitle: Schema.String,
  score: Share,
  /** What the score is made of, from 0 to 1; null: not known. */
  parts: Schema.Struct({ title: Part, schema: Part, rows: Part }),
  state: Schema.Literals(["proposed", "accepted", "rejected"]),
  /** When it was proposed, or decided on (ISO, UTC). */
  at: Schema.String,
  why: Schema.optionalKey(Schema.String),
})
/** One entry of the file. */
export type IdentityEntry = typeof Entry.Type

const File = Schema.fromJsonString(Schema.Struct({ formatVersion: Schema.Literal(1), identities: Schema.Array(Entry) }))
const decode = Schema.decodeUnknownEffect(File, { errors: "all", onExcessProperty: "error" })

const problem = (path: string, what: string, cause: unknown): SourceError =>
  new SourceError({
    plugin: "odh",
    operation: "identity",
    reason: misconfigured,
    message: `${path} ${what}: ${cause instanceof Error ? cause.message : String(cause)}`,
  })

/** The entries; none when there is no file. */
export const readIdentities = Effect.fn("readIdentities")(function* (path: string) {
  if (!existsSync(path)) return []
  const text = yield* Effect.try({
    try: () => readFileSync(path, "utf8"),
    catch: (cause) => problem(path, "cannot be read", cause),
  })
  const file = yield* Effect.mapError(decode(text), (cause) => problem(path, "is not a file of identities", cause))
  return file.identities
})

/** Replaces the file, at once and whole. */
export const writeIdentities = (
  path: string,
  identities: ReadonlyArray<IdentityEntry>,
): Effect.Effect<void, SourceError> =>
  Effect.try({
    try: () => {
      writeFileSync(`${path}.new`, `${JSON.stringify({ formatVersion: 1, identities }, null, 2)}\n`)
      renameSync(`${path}.new`, path)
    },
    catch: (cause) => problem(path, "cannot be written", cause),
  })

/** What a plan obeys. */
export const acceptedIdentities = (path: string): Effect.Effect<ReadonlyArray<Identity>, SourceError> =>
  Effect.map(readIdentities(path), (all) => all.filter(({ state }) => state === "accepted"))
