import { readFileSync } from "node:fs"

interface LockEntry {
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly resolved?: string
  readonly link?: boolean
}
export interface Lock {
  readonly packages: Readonly<Record<string, LockEntry>>
}

/** The folders in which Node looks for a dependency of the package at `path`, nearest first. */
const lookups = (path: string, name: string): ReadonlyArray<string> => {
  const parents = path
    .split("/node_modules/")
    .map((_, index, parts) => parts.slice(0, index + 1).join("/node_modules/"))
  return [...parents.toReversed(), ""].map((parent) => `${parent === "" ? "" : `${parent}/`}node_modules/${name}`)
}

/**
 * What makes a lock unfit for others. npm leaves out the native binaries of a platform when the registry does not have them yet: `npm ci`
 * then breaks there. And an address would tie everybody to one registry.
 */
export const lockProblems = ({ packages }: Lock): ReadonlyArray<string> =>
  Object.entries(packages).flatMap(([path, entry]) => [
    ...Object.keys(entry.optionalDependencies ?? {})
      .filter((name) => !lookups(path, name).some((place) => place in packages))
      .map((name) => `${path}: optional dependency ${name} has no entry; take a version that has every platform`),
    ...(entry.link !== true && entry.resolved !== undefined
      ? [`${path}: names a registry; run npm install with omit-lockfile-registry-resolved=true`]
      : []),
  ])

if (import.meta.main) {
  const lock = JSON.parse(readFileSync("package-lock.json", "utf8")) as Lock
  const problems = lockProblems(lock)
  for (const problem of problems) console.error(problem)
  console.log(`package-lock.json: ${Object.keys(lock.packages).length} entries, ${problems.length} problems`)
  process.exitCode = problems.length === 0 ? 0 : 1
}
