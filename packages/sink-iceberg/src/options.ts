/** The options of the sink, and what they mean for the catalog and the store. */
import { misconfigured, type SinkError } from "@opendatahub-sql/core"
import type { StoreOptions } from "@opendatahub-sql/object-store"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { failure } from "./failure.ts"
import type { RestAuthentication } from "./catalog/rest-client.ts"

const text = Schema.String.check(Schema.isNonEmpty())

/** A credential is never written down: it comes from the environment, or as a `Redacted` value that a program read elsewhere. */
const secret = (variable: string) =>
  Schema.Redacted(text).annotate({
    message: `must not be written down: set ${variable} in the environment, or pass a Redacted value`,
  })

/** Where the credentials of a catalog are looked for. */
const TOKEN = "ICEBERG_TOKEN"
const CLIENT_SECRET = "ICEBERG_CLIENT_SECRET"

/** The schema of the options. */
export const Options = Schema.Struct({
  path: Schema.optionalKey(text),
  catalog: Schema.optionalKey(
    Schema.Struct({
      uri: text,
      warehouse: Schema.optionalKey(text),
      token: Schema.optionalKey(secret(TOKEN)),
      clientId: Schema.optionalKey(text),
      clientSecret: Schema.optionalKey(secret(CLIENT_SECRET)),
      scope: Schema.optionalKey(text),
      tokenUri: Schema.optionalKey(text),
    }),
  ),
  storage: Schema.optionalKey(
    Schema.Struct({
      endpoint: Schema.optionalKey(text),
      region: Schema.optionalKey(text),
      accessKeyId: Schema.optionalKey(text),
      secretAccessKey: Schema.optionalKey(secret("AWS_SECRET_ACCESS_KEY (and AWS_ACCESS_KEY_ID)")),
      pathStyle: Schema.optionalKey(Schema.Boolean),
    }),
  ),
  namespace: Schema.optionalKey(Schema.String.check(Schema.isPattern(/^\w+$/))),
  catalogName: Schema.optionalKey(text),
  memoryLimit: Schema.optionalKey(Schema.Number.check(Schema.isGreaterThan(0))),
}).check(
  Schema.makeFilter((options) =>
    options.path !== undefined && options.catalog !== undefined
      ? "give `path` for a folder or `catalog` for a REST catalog, not both"
      : options.catalog?.clientSecret !== undefined && options.catalog.clientId === undefined
        ? "`clientSecret` is that of a `clientId`"
        : (options.storage?.accessKeyId === undefined) !== (options.storage?.secretAccessKey === undefined)
          ? "`accessKeyId` and `secretAccessKey` go together; without them the environment has them"
          : undefined,
  ),
)

/**
 * A folder: `path` (`./data/iceberg`), and `catalogName`, under which other engines open it (`odh`). Or a REST catalog: `catalog.uri` with its
 * `warehouse`, and a `clientId` for OAuth2 (`scope`, `tokenUri`); `storage` says how its object store is reached. Credentials come from the environment
 * (`ICEBERG_TOKEN`, `ICEBERG_CLIENT_SECRET`, `AWS_SECRET_ACCESS_KEY`) or are `Redacted`.
 * `namespace`: where the tables are (`bronze`). `memoryLimit`: bytes (256 MB: a load only copies what the engine has typed).
 */
export type IcebergOptions = typeof Options.Type

const fromEnvironment = (variable: string) =>
  Effect.orElseSucceed(Effect.map(Config.option(Config.Redacted(variable)), Option.getOrUndefined), () => undefined)

/** Who we are to a catalog. */
export const authenticationOf = Effect.fnUntraced(function* (
  catalog: NonNullable<IcebergOptions["catalog"]>,
): Effect.fn.Return<RestAuthentication, SinkError> {
  const { clientId, scope, tokenUri } = catalog
  if (clientId === undefined) {
    const token = catalog.token ?? (yield* fromEnvironment(TOKEN))
    return token === undefined ? { type: "none" } : { type: "bearer", token }
  }
  const clientSecret = catalog.clientSecret ?? (yield* fromEnvironment(CLIENT_SECRET))
  if (clientSecret === undefined)
    return yield* failure("open", `the client ${clientId} has no secret: set ${CLIENT_SECRET}`, misconfigured)
  return {
    type: "client-credentials",
    clientId,
    clientSecret,
    ...(scope === undefined ? {} : { scope }),
    ...(tokenUri === undefined ? {} : { tokenUri }),
  }
})

/** How the store is reached: what the configuration says goes before what the catalog says. */
export const storeOf = (
  storage: IcebergOptions["storage"],
  settings: Readonly<Record<string, string>>,
): StoreOptions => {
  const endpoint = storage?.endpoint ?? settings["s3.endpoint"]
  const region = storage?.region ?? settings["s3.region"] ?? settings["client.region"]
  const pathStyle = storage?.pathStyle ?? (settings["s3.path-style-access"] === "true" ? true : undefined)
  const [accessKeyId, secretAccessKey] = [storage?.accessKeyId, storage?.secretAccessKey]
  return {
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(region === undefined ? {} : { region }),
    ...(pathStyle === undefined ? {} : { pathStyle }),
    ...(accessKeyId === undefined || secretAccessKey === undefined
      ? {}
      : { credentials: { accessKeyId, secretAccessKey } }),
  }
}
