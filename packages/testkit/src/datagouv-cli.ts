#!/usr/bin/env node
import { fstatSync } from "node:fs"
import { parseArgs } from "node:util"
import { startDatagouv } from "./datagouv.ts"

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "0" },
    files: { type: "string" },
    at: { type: "string" },
    help: { type: "boolean", default: false },
  },
})

const usage = `A data.gouv.fr on loopback, for demos and tests.

  node datagouv-cli.ts [--port 0] [--files fixtures/corpus] [--at 2020-03-23]

Prints {"url": ...} on one line, then serves until SIGTERM, SIGINT, or the end of stdin when stdin is a pipe.
POST /__control takes {"moveTo": "2020-03-24"} and the other actions of the README.
`

const serve = async (): Promise<void> => {
  const portal = await startDatagouv({
    port: Number(values.port),
    ...(values.files === undefined ? {} : { files: values.files }),
    ...(values.at === undefined ? {} : { at: values.at }),
  })
  process.stdout.write(
    JSON.stringify({ url: portal.url, api: `${portal.url}/api/1/`, control: `${portal.url}/__control` }) + "\n",
  )
  const stop = () => void portal.close().then(() => process.exit(0))
  process.once("SIGTERM", stop)
  process.once("SIGINT", stop)
  // A job started with & in a script has /dev/null as stdin, which ends at once: only a pipe's end means "stop".
  const stdin = fstatSync(0)
  if (stdin.isFIFO() || stdin.isSocket()) process.stdin.once("end", stop).resume()
}

if (values.help) process.stdout.write(usage)
else await serve()
