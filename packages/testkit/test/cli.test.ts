import { assert, describe, it } from "@effect/vitest"
import { spawn } from "node:child_process"
import type { ChildProcess } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import { corpus, covidFile } from "./corpus.ts"

const command = fileURLToPath(new URL("../src/datagouv-cli.ts", import.meta.url))

interface Started {
  readonly url: string
  readonly child: ChildProcess
}

/** Ends by itself when the block is left. */
const start = async (
  stdin: "pipe" | "ignore",
  ...options: ReadonlyArray<string>
): Promise<Started & AsyncDisposable> => {
  const child = spawn(process.execPath, [command, "--files", corpus, ...options], { stdio: [stdin, "pipe", "inherit"] })
  const [line] = (await once(child.stdout as NodeJS.ReadableStream, "data")) as [Buffer]
  const { url } = JSON.parse(line.toString("utf8")) as { readonly url: string }
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill("SIGKILL")
      await once(child, "exit")
    }
  }
  return { url, child, [Symbol.asyncDispose]: stop }
}

const control = async (url: string, action: unknown) => {
  const response = await fetch(`${url}/__control`, { method: "POST", body: JSON.stringify(action) })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

const title = async (url: string): Promise<unknown> => {
  const response = await fetch(`${url}/api/2/datasets/resources/${covidFile}/`)
  return ((await response.json()) as { readonly resource: { readonly title: string } }).resource.title
}

describe("the command", () => {
  it("moves time and misbehaves when another process asks", async () => {
    await using portal = await start("ignore", "--at", "2020-03-23")
    assert.strictEqual((await control(portal.url, { moveTo: "2020-03-24" })).body["now"], "2020-03-24T23:59:59+00:00")
    assert.strictEqual(await title(portal.url), "donnees-hospitalieres-covid19-2020-03-24-19h00.csv")
    await control(portal.url, { misbehave: "/api/*", behaviour: { kind: "status", status: 503 }, times: 1 })
    assert.strictEqual((await fetch(`${portal.url}/api/1/datasets/`)).status, 503)
  })

  it("replaces a file with a text", async () => {
    await using portal = await start("ignore")
    await control(portal.url, { replace: covidFile, text: "dep\n01\n", title: "new.csv" })
    assert.strictEqual(await (await fetch(`${portal.url}/api/1/datasets/r/${covidFile}`)).text(), "dep\n01\n")
  })

  it("says what is wrong with an action", async () => {
    await using portal = await start("ignore")
    assert.deepStrictEqual(await control(portal.url, { archive: "nothing" }), {
      status: 400,
      body: { message: "No dataset nothing on this portal" },
    })
  })

  it("ends when its standard input, a pipe, is closed", async () => {
    await using portal = await start("pipe")
    const exited = once(portal.child, "exit")
    portal.child.stdin?.end()
    assert.deepStrictEqual(await exited, [0, null])
  })

  it("ends on SIGTERM, also with a request that hangs", async () => {
    await using portal = await start("ignore")
    await control(portal.url, { misbehave: "/*", behaviour: { kind: "hang" } })
    const hanging = fetch(`${portal.url}/file`).catch(() => undefined)
    const exited = once(portal.child, "exit")
    portal.child.kill("SIGTERM")
    assert.deepStrictEqual(await exited, [0, null])
    await hanging
  })
})
