/**
 * The project on fakesnow, a fake of Snowflake that runs on DuckDB: what fails there would fail, what passes is not proven. Left out, with the
 * reason: tests of generated silver, which are the same six macros some hundred times; unit tests, whose fixtures are tables of a session.
 */
import { assert, describe, it } from "@effect/vitest"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdir } from "node:fs/promises"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { findPythonEnvironment } from "../../../../scripts/python-environment.ts"
import { dbtEnvironment, run, startDbtHub } from "../support/dbt-hub.ts"

const fakesnow = await findPythonEnvironment("fakesnow", "dbt/fakesnow/requirements.txt")
if (fakesnow._tag === "Missing") console.log(`skipped: ${fakesnow.why}`)

describe.skipIf(dbtEnvironment._tag === "Missing" || fakesnow._tag === "Missing")("dbt on fakesnow", () => {
  it("builds silver and gold, and the facts a second time by their lines", async () => {
    assert(fakesnow._tag === "Ready")
    const hub = await startDbtHub({ at: "2020-06-30" })
    try {
      const tables = join(hub.folder, "tables")
      await mkdir(tables)
      const exported = await run(hub.python, [join(import.meta.dirname, "export_tables.py"), hub.warehouse, tables], {
        cwd: hub.folder,
      })
      assert.strictEqual(exported.code, 0, exported.output)
      const server = spawn(fakesnow.python, [join(import.meta.dirname, "fakesnow_server.py"), tables], {
        stdio: ["pipe", "pipe", "ignore"],
      })
      try {
        const [port] = (await once(createInterface(server.stdout), "line")) as [string]
        const dbt = hub.dbtWith({ ODH_FAKESNOW_PORT: port })
        const target = [
          "--target",
          "fakesnow",
          "--exclude",
          "resource_type:unit_test",
          "path:models/generated,resource_type:test",
        ]
        const first = await dbt("build", ...target)
        assert.strictEqual(first.code, 0, first.output.slice(-4_000))
        assert.match(first.output, /PASS xdb_macros/)
        const second = await dbt("run", "--target", "fakesnow", "--select", "config.materialized:incremental")
        assert.strictEqual(second.code, 0, second.output.slice(-4_000))
      } finally {
        server.stdin.end()
        await once(server, "close")
      }
    } finally {
      await hub.close()
    }
  })
})
