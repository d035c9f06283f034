import { assert, it } from "@effect/vitest"
import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"

it("reads 200 MB of parents and children under 450 MB of memory", async () => {
  const program = fileURLToPath(new URL("./read-200-mb.ts", import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [
    "--conditions=@opendatahub-sql/source",
    "--no-warnings",
    program,
  ])
  const { rows, peakMb } = JSON.parse(stdout) as { readonly rows: unknown; readonly peakMb: number }
  assert.deepStrictEqual(rows, { main: 303_000, main__titulaires: 454_500 })
  assert.isBelow(peakMb, 450)
})
