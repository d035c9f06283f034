import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { defineProject } from "vitest/config"

/** Tests run on the sources of every package, so nothing has to be built first. */
const conditions = ["@opendatahub-sql/source", "node", "default"]

/** Tests against tools of other languages and servers, in `test/platform`, run in a lane of their own (`ODH_PLATFORM=1`). */
const platform = "test/platform/**/*.test.ts"
const isPlatform = process.env["ODH_PLATFORM"] === "1"
const isLong = process.env["ODH_LONG"] === "1"

/** What tests learn of hosts on loopback is no one else's, because ports are used again. One folder for all projects of a run. */
const cacheFolder = (): string => {
  const made = process.env["ODH_TEST_CACHE"]
  if (made !== undefined) return made
  const folder = mkdtempSync(join(tmpdir(), "odh-cache-"))
  process.env["ODH_TEST_CACHE"] = folder
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** The vitest project of one folder. `ODH_LONG=1` raises the number of runs of every property. */
export const project = (name: string, include = ["test/**/*.test.ts"]) =>
  defineProject({
    resolve: { conditions },
    ssr: { resolve: { conditions } },
    test: {
      name,
      include: isPlatform ? [platform] : include,
      exclude: isPlatform ? [] : [platform],
      testTimeout: isLong || isPlatform ? 600_000 : 60_000,
      // Servers start and stop in hooks: on a machine that others use, that takes its time.
      hookTimeout: 180_000,
      env: { XDG_CACHE_HOME: cacheFolder() },
      setupFiles: [new URL("./scripts/property-runs.ts", import.meta.url).pathname],
    },
  })
