import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"

export const root = join(import.meta.dirname, "..")

interface Manifest {
  readonly name: string
  readonly version: string
  readonly exports?: Readonly<Record<string, unknown>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

const manifestOf = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest

/** Every package that is published, with its doors: `@opendatahub-sql/core`, `@opendatahub-sql/core/testing`, … */
export const packages = readdirSync(join(root, "packages"))
  .map((directory) => join(root, "packages", directory))
  .filter((folder) => existsSync(join(folder, "package.json")))
  .map((folder) => {
    const { name, version, exports = {} } = manifestOf(folder)
    const doors = Object.keys(exports).filter((door) => door !== "./package.json")
    return { folder, name, version, doors: doors.map((door) => `${name}${door.slice(1)}`) }
  })

/** The version of a development tool as the workspace pins it, so that what is proven here is what is installed there. */
export const pinned = (tool: string): string => {
  const version = manifestOf(root).devDependencies?.[tool]
  if (version === undefined) throw new Error(`${tool} is no development dependency of the workspace`)
  return version
}
