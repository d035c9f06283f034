/** The options of the sink, and what they mean for the catalog and the store. */
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type { RestAuthentication } from "./catalog/rest-client.ts"
import type { S3Options } from "./files/s3-files.ts"

const text = Schema.String.check(Schema.isNonEmpty())

/** The schema of the options. */
export const Options = Schema.Struct({
  path: Schema.optionalKey(text),
  catalog: Schema.optionalKey(
    Schema.Struct({
      uri: text,
      warehouse: Schema.optionalKey(text),
      token: Schema.optionalKey(text),
      clientId: Schema.optionalKey(text),
      clientSecret: Schema.optionalKey(text),
      scope: Schema.optionalKey(text),
      tokenUri: Schema.optionalKey(text),
    }),
  ),
  storage: Schema.optionalKey(
    Schema.Struct({
      endpoint: Schema.optionalKey(text),
      region: Schema.optionalKey(text),
      accessKeyId: Schema.optionalKey(text),
      secretAccessKey: Schema.optionalKey(text),
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
      : (options.catalog?.clientId === undefined) !== (options.catalog?.clientSecret === undefined)
        ? "`clientId` and `clientSecret` go together"
        : undefined,
  ),
)

/**
 * A folder: `path` (`./data/iceberg`), and `catalogName`, under which other engines open it (`odh`). Or a REST catalog: `catalog.uri` with its
 * `warehouse` and a `token`, or `clientId` and `clientSecret` (OAuth2; `scope`, `tokenUri`); `storage` says how its object store is reached.
 * `namespace`: where the tables are (`bronze`). `memoryLimit`: bytes (256 MB: a load only copies what the engine has typed).
 */
export type IcebergOptions = typeof Options.Type

/** Who we are to a catalog. */
export const authenticationOf = (catalog: NonNullable<IcebergOptions["catalog"]>): RestAuthentication => {
  if (catalog.token !== undefined) return { type: "bearer", token: Redacted.make(catalog.token) }
  if (catalog.clientId === undefined || catalog.clientSecret === undefined) return { type: "none" }
  return {
    type: "client-credentials",
    clientId: catalog.clientId,
    clientSecret: Redacted.make(catalog.clientSecret),
    ...(catalog.scope === undefined ? {} : { scope: catalog.scope }),
    ...(catalog.tokenUri === undefined ? {} : { tokenUri: catalog.tokenUri }),
  }
}

/** How the store is reached: what the configuration says goes before what the catalog says. */
export const storeOf = (storage: IcebergOptions["storage"], settings: Readonly<Record<string, string>>): S3Options => {
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
      : { credentials: { accessKeyId, secretAccessKey: Redacted.make(secretAccessKey) } }),
  }
}
