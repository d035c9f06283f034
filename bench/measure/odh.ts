import { existsSync } from "node:fs"
import { join, resolve } from "node:path"

const packageFolder = resolve(import.meta.dirname, "../../packages/opendatahub-sql")

/** The command line of `odh`: as it is built, or as its sources are. */
export const odhCommand = (from: "build" | "source"): ReadonlyArray<string> => {
  if (from === "source") {
    return [process.execPath, "--conditions=@opendatahub-sql/source", join(packageFolder, "src/odh.ts")]
  }
  const built = join(packageFolder, "dist/odh.js")
  if (!existsSync(built)) throw new Error(`${built} is missing: \`make build\` first`)
  return [process.execPath, built]
}
