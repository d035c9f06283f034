/**
 * A catalog behind the Iceberg REST interface. An answer to a commit that did not come, or a server's error, leaves open whether it was made:
 * like a conflict, the tables are loaded again and looked at before anything else.
 */
import type { SinkError } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import { failure } from "../failure.ts"
import type { Files } from "../files/files.ts"
import { identityPartition, type TableMetadata } from "../table/metadata/metadata.ts"
import { NAME_MAPPING, nameMapping } from "../table/metadata/name-mapping.ts"
import { type Catalog, CommitConflict, nameOf, type TableCommit, type TableIdentifier } from "./catalog.ts"
import { asSinkError, openRestClient, type RestFailure, type RestOptions } from "./rest-client.ts"

interface TablesPage {
  readonly identifiers?: ReadonlyArray<{ readonly name: string }>
  readonly "next-page-token"?: string | null
}

interface LoadResult {
  readonly "metadata-location": string
  readonly metadata: TableMetadata
}

const namespacePath = (namespace: string): string => `/namespaces/${encodeURIComponent(namespace)}`
const tablePath = ({ namespace, name }: TableIdentifier): string =>
  `${namespacePath(namespace)}/tables/${encodeURIComponent(name)}`

const isUnknown = (status: number): boolean => status === 0 || status === 500 || status === 502 || status === 504

/** Why a commit was not made, or may have been. */
const commitError = (name: string) => (error: RestFailure | SinkError) => {
  if (error._tag === "SinkError") return error
  if (error.status === 409)
    return new CommitConflict({ message: `${name} was changed by another writer (${error.message})` })
  if (isUnknown(error.status))
    return new CommitConflict({ message: `nobody knows whether ${name} was changed (${error.message})` })
  return asSinkError("commit", `change ${name}`)(error)
}

/** Asks again when the catalog stumbles: only for requests that may be made twice. */
const patiently = <A>(ask: Effect.Effect<A, RestFailure | SinkError>): Effect.Effect<A, RestFailure | SinkError> =>
  Effect.retry(ask, {
    while: (error) =>
      error._tag === "RestFailure" && (isUnknown(error.status) || error.status === 429 || error.status === 503),
    schedule: Schedule.upTo(Schedule.jittered(Schedule.exponential(100)), { duration: 10_000 }),
  })

const bodyOf = ({ table, change }: TableCommit) => ({
  identifier: { namespace: [table.identifier.namespace], name: table.identifier.name },
  requirements: change.requirements,
  updates: change.updates,
})

/** Opens a catalog; `openFiles` gets what it says of the store (`s3.endpoint`, `s3.region`…). */
export const openRestCatalog = Effect.fn("RestCatalog.open")(function* (
  options: RestOptions,
  openFiles: (settings: Readonly<Record<string, string>>) => Effect.Effect<Files, SinkError, Scope.Scope>,
): Effect.fn.Return<Catalog, SinkError, Scope.Scope> {
  const { request, settings, offers } = yield* openRestClient(options)
  const files = yield* openFiles(settings)

  const load = (identifier: TableIdentifier) =>
    patiently(request<LoadResult>("GET", tablePath(identifier))).pipe(
      Effect.map((answer) => ({
        identifier,
        metadataLocation: answer["metadata-location"],
        metadata: answer.metadata,
      })),
      Effect.catchTag("RestFailure", (error) =>
        error.status === 404 ? Effect.succeed(undefined) : Effect.fail(error),
      ),
      Effect.mapError(asSinkError("load", `load ${nameOf(identifier)}`)),
    )

  const createNamespace = (namespace: string) =>
    patiently(request("POST", "/namespaces", { namespace: [namespace], properties: {} })).pipe(
      Effect.asVoid,
      Effect.catchTag("RestFailure", (error) => (error.status === 409 ? Effect.void : Effect.fail(error))),
      Effect.mapError(asSinkError("create", `make the namespace ${namespace}`)),
    )

  const commitsTogether = offers("POST /v1/{prefix}/transactions/commit")
  const commitOne = (commit: TableCommit) =>
    request("POST", tablePath(commit.table.identifier), bodyOf(commit)).pipe(
      Effect.asVoid,
      Effect.mapError(commitError(nameOf(commit.table.identifier))),
    )

  return {
    target: `iceberg:${options.uri}${options.warehouse === undefined ? "" : `/${options.warehouse}`}`,
    commitsTogether,
    files,
    list: Effect.fnUntraced(function* (namespace) {
      const names: Array<string> = []
      let page = ""
      do {
        const answer = yield* patiently(
          request<TablesPage>(
            "GET",
            `${namespacePath(namespace)}/tables${page === "" ? "" : `?pageToken=${encodeURIComponent(page)}`}`,
          ),
        ).pipe(
          Effect.catchTag("RestFailure", (error) =>
            error.status === 404 ? Effect.succeed<TablesPage>({}) : Effect.fail(error),
          ),
          Effect.mapError(asSinkError("list", `list the tables of ${namespace}`)),
        )
        names.push(...(answer.identifiers ?? []).map((one) => one.name))
        page = answer["next-page-token"] ?? ""
      } while (page !== "")
      return names.toSorted()
    }),
    load,
    create: Effect.fnUntraced(function* (identifier, { schema, partitionBy, properties }) {
      const existing = yield* load(identifier)
      if (existing !== undefined) return existing
      yield* createNamespace(identifier.namespace)
      yield* request("POST", `${namespacePath(identifier.namespace)}/tables`, {
        name: identifier.name,
        schema: { ...schema, "schema-id": 0 },
        "partition-spec": identityPartition(schema, partitionBy),
        "stage-create": false,
        properties: { "format-version": "2", [NAME_MAPPING]: nameMapping(schema), ...properties },
      }).pipe(
        Effect.asVoid,
        // Made by someone else, or the answer was lost: it is looked for below.
        Effect.catchTag("RestFailure", (error) =>
          error.status === 409 || isUnknown(error.status) ? Effect.void : Effect.fail(error),
        ),
        Effect.mapError(asSinkError("create", `make the table ${nameOf(identifier)}`)),
      )
      const created = yield* load(identifier)
      return (
        created ??
        (yield* failure("create", `the catalog did not make ${nameOf(identifier)}, and did not say why: try again`))
      )
    }),
    commit: (commits) => {
      const [only, ...others] = commits
      if (only === undefined) return Effect.void
      if (others.length === 0) return commitOne(only)
      return commitsTogether
        ? request("POST", "/transactions/commit", { "table-changes": commits.map(bodyOf) }).pipe(
            Effect.asVoid,
            Effect.mapError(commitError(commits.map(({ table }) => nameOf(table.identifier)).join(", "))),
          )
        : Effect.forEach(commits, commitOne, { discard: true })
    },
  }
})
