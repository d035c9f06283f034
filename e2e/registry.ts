import { existsSync } from "node:fs"
import { mkdtemp, rm } from "node:fs/promises"
import type { Server } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { runServer } from "verdaccio"
import type { TestProject } from "vitest/node"
import { npm } from "./run-program.ts"
import { packages } from "./workspace.ts"

declare module "vitest" {
  interface ProvidedContext {
    /** The address of the local registry, with a slash at its end. */
    readonly registry: string
  }
}

/** Starts a registry on a free port of this machine, with our packages alone and no way out, and publishes all of them there. */
export const setup = async (project: TestProject) => {
  const unbuilt = packages.filter(({ folder }) => !existsSync(join(folder, "dist")))
  if (unbuilt.length > 0)
    throw new Error(`not built: ${unbuilt.map(({ name }) => name).join(", ")}; run make build first`)

  const folder = await mkdtemp(join(tmpdir(), "registry-"))
  const everybody = { access: "$all", publish: "$all" }
  const server = (await runServer({
    configPath: join(folder, "config.yaml"),
    self_path: folder,
    storage: join(folder, "storage"),
    uplinks: {},
    packages: { "@opendatahub-sql/*": everybody, "opendatahub-sql": everybody },
    auth: { htpasswd: { file: join(folder, "htpasswd") } },
    max_body_size: "200mb",
    log: { type: "stdout", format: "pretty", level: "fatal" },
  })) as Server
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve)
  })
  const registry = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`

  const token = { [`npm_config_${registry.slice("http:".length)}:_authToken`]: "local" }
  const publish = ["publish", `--registry=${registry}`, `--@opendatahub-sql:registry=${registry}`, "--provenance=false"]
  await Promise.all(packages.map((published) => npm(publish, published.folder, token)))
  project.provide("registry", registry)

  return async () => {
    await new Promise((resolve) => server.close(resolve))
    await rm(folder, { recursive: true, force: true })
  }
}
