#!/usr/bin/env node
import { existsSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import { pathToFileURL } from "node:url"
import { parseArgs } from "node:util"
import { conformanceOf, textReport } from "./conformance.ts"

const usage = `Which laws of @opendatahub-sql/core a format or a container keeps.

  odh-conformance PLUGIN.js [--files DIR]... [--options JSON] [--fuzz 50] [--json]

PLUGIN.js (or .ts, where Node reads it) exports plugins, or functions that make them. They are tried on the files of DIR, on those of
the folder "examples" beside PLUGIN.js, and on the kit's own that they recognise. Exit codes: 0 every law held or was skipped, with the
reason; 1 a law was broken; 64 there is nothing to judge.
`

/** There is nothing to judge: what was asked for is wrong. */
const misused = (message: string): 64 => {
  process.stderr.write(`odh-conformance: ${message}\n`)
  return 64
}

const said = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

const judge = async (): Promise<0 | 1 | 64> => {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      files: { type: "string", multiple: true, default: [] },
      options: { type: "string" },
      fuzz: { type: "string", default: "50" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  })
  const [path] = positionals
  if (values.help || path === undefined) {
    process.stdout.write(usage)
    return values.help ? 0 : 64
  }
  const plugin = resolve(path)
  const missing = [plugin, ...values.files].find((file) => !existsSync(file))
  if (missing !== undefined) return misused(`${missing} does not exist`)
  const module = (await import(pathToFileURL(plugin).href)) as Readonly<Record<string, unknown>>
  const { notJudged, plugins } = await conformanceOf({
    module,
    folders: [...values.files, join(dirname(plugin), "examples")],
    ...(values.options === undefined ? {} : { options: JSON.parse(values.options) as unknown }),
    fuzzed: Number(values.fuzz),
    onLaw: ({ name, subject }) => {
      if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${subject === undefined ? "" : `${subject}: `}${name}`)
    },
  })
  if (process.stderr.isTTY) process.stderr.write("\r\u001b[K")
  for (const line of notJudged) process.stderr.write(`${line}\n`)
  if (plugins.length === 0) return misused(`${path} exports no format and no container, nor a function that makes one`)
  const broken = plugins.some(({ score }) => score.failed > 0)
  const report = values.json
    ? `${JSON.stringify({ schemaVersion: 1, ok: !broken, plugins }, null, 2)}\n`
    : textReport(plugins)
  // A plugin may have left timers and handles behind: what is written is waited for, they are not.
  await new Promise((done) => process.stdout.write(report, done))
  return broken ? 1 : 0
}

process.exit(await judge().catch((cause: unknown) => misused(said(cause))))
