/** SeaweedFS as the tests of this sink see it. */
import * as Redacted from "effect/Redacted"
import type { RestServer } from "./rest-suite.ts"
import { KEY, SECRET, startSeaweedServer, whyNoSeaweed } from "../../../../scripts/seaweed.ts"

export { whyNoSeaweed }

export interface Seaweed extends RestServer {
  readonly endpoint: string
}

/** Starts a server and waits until its catalog answers. */
export const startSeaweed = async (): Promise<Seaweed> => {
  const { endpoint, catalog, stop } = await startSeaweedServer(async (server) => {
    const body = new URLSearchParams({ grant_type: "client_credentials", client_id: KEY, client_secret: SECRET })
    const token = await fetch(`${server.catalog}/v1/oauth/tokens`, { method: "POST", body })
    const { access_token: bearer } = (await token.json()) as { readonly access_token: string }
    const headers = { authorization: `Bearer ${bearer}` }
    return (await fetch(`${server.catalog}/v1/warehouse/namespaces`, { headers })).ok
  })
  const tokenUri = `${catalog}/v1/oauth/tokens`
  return {
    endpoint,
    catalog,
    options: (namespace) => ({
      namespace,
      catalog: { uri: catalog, warehouse: "s3://warehouse", clientId: KEY, clientSecret: Redacted.make(SECRET) },
      storage: { endpoint, region: "us-east-1", accessKeyId: KEY, secretAccessKey: Redacted.make(SECRET) },
    }),
    written: (namespace) => ({
      namespace,
      catalog: { uri: catalog, warehouse: "s3://warehouse", clientId: KEY },
      storage: { endpoint, region: "us-east-1" },
    }),
    environment: {
      ICEBERG_CLIENT_SECRET: SECRET,
      AWS_ACCESS_KEY_ID: KEY,
      AWS_SECRET_ACCESS_KEY: SECRET,
    },
    pyiceberg: {
      name: "weed",
      type: "rest",
      uri: catalog,
      warehouse: "s3://warehouse",
      credential: `${KEY}:${SECRET}`,
      "oauth2-server-uri": tokenUri,
      "s3.endpoint": endpoint,
      "s3.access-key-id": KEY,
      "s3.secret-access-key": SECRET,
      "s3.region": "us-east-1",
    },
    duckdb: [
      `create secret s3 (type s3, key_id '${KEY}', secret '${SECRET}', endpoint '${new URL(endpoint).host}', url_style 'path', use_ssl false, region 'us-east-1')`,
      `create secret ic (type iceberg, client_id '${KEY}', client_secret '${SECRET}', oauth2_server_uri '${tokenUri}')`,
      `attach 's3://warehouse' as lake (type iceberg, endpoint '${catalog}', secret ic, access_delegation_mode 'none', read_only false)`,
    ],
    commitsTogether: false,
    stop,
  }
}
