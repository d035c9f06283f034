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
  const { bytes, rows, peakMb } = JSON.parse(stdout) as {
    readonly bytes: number
    readonly rows: Readonly<Record<string, number>>
    readonly peakMb: number
  }
  console.log(`${bytes} bytes, ${peakMb} MB at most`)
  assert.isAbove(bytes, 200_000_000)
  assert.deepStrictEqual(rows, {
    main: 170_000,
    "main__horaires.jour": 904_400,
    "main__horaires.jour__horaire": 470_390,
    "main__services.service": 1_075_437,
    main__prix: 568_072,
  })
  assert.isBelow(peakMb, 450)
})
