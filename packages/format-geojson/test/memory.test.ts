import { assert, it } from "@effect/vitest"
import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"

it("reads 200 MB of features under 320 MB of memory", async () => {
  const program = fileURLToPath(new URL("./read-200-mb.ts", import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [
    "--conditions=@opendatahub-sql/source",
    "--no-warnings",
    program,
  ])
  const { rows, peakMb } = JSON.parse(stdout) as { readonly rows: number; readonly peakMb: number }
  assert.strictEqual(rows, 400_000)
  assert.isBelow(peakMb, 320)
}, 120_000)
