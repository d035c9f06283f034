import { join } from "node:path"
import { temporaryFolder } from "../tables.ts"
import { startApacheCatalog, whyNoJava } from "./java.ts"
import { restSuite, type RestServer } from "./rest-suite.ts"
import { startSeaweed, whyNoSeaweed } from "./seaweed.ts"

/** Apache's catalog asks for no credentials; its tables are in a plain bucket. */
const start = async (): Promise<RestServer> => {
  const store = await startSeaweed()
  const { AWS_ACCESS_KEY_ID: key = "", AWS_SECRET_ACCESS_KEY: secret = "" } = store.environment
  const { uri, close } = await startApacheCatalog(join(temporaryFolder(), "catalog"), {
    warehouse: "s3://plain/warehouse",
    "io-impl": "org.apache.iceberg.aws.s3.S3FileIO",
    "s3.endpoint": store.endpoint,
    "s3.path-style-access": "true",
    "s3.access-key-id": key,
    "s3.secret-access-key": secret,
    "client.region": "us-east-1",
  })
  const { storage } = store.options("")
  const [s3Secret = ""] = store.duckdb
  return {
    catalog: uri,
    options: (namespace) => ({ namespace, catalog: { uri }, ...(storage === undefined ? {} : { storage }) }),
    written: (namespace) => ({
      namespace,
      catalog: { uri },
      storage: { endpoint: store.endpoint, region: "us-east-1" },
    }),
    environment: store.environment,
    pyiceberg: {
      name: "apache",
      type: "rest",
      uri,
      "s3.endpoint": store.endpoint,
      "s3.access-key-id": key,
      "s3.secret-access-key": secret,
      "s3.region": "us-east-1",
    },
    duckdb: [
      s3Secret,
      `attach '' as lake (type iceberg, endpoint '${uri}', authorization_type 'none', access_delegation_mode 'none', read_only false)`,
    ],
    commitsTogether: true,
    stop: async () => {
      await close()
      await store.stop()
    },
  }
}

restSuite("Apache's REST catalog", whyNoJava ?? whyNoSeaweed, start)
