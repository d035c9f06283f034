/** The names of members. They never become paths on a disk; one that would be dangerous there is an attack or damage. */

/** `./a//b.csv` is `a/b.csv`. */
export const cleanName = (name: string): string =>
  name.replaceAll(/(?<=^|\/)\.\//g, "").replaceAll(/(?<!^)\/{2,}/g, "/")

const leavesRoot = (name: string): boolean =>
  name.startsWith("/") || /^[a-zA-Z]:/.test(name) || name.split("/").includes("..")

/** Names that Windows takes for devices, in any folder and with any extension. */
const DEVICE = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])\s*(?:\.|$)/i

/** Why a member of this name is left out, or `undefined`. */
export const whyUnsafe = (name: string): string | undefined => {
  if (name === "") return "it has no name"
  if (name.includes("\u0000")) return "its name holds a NUL"
  if (leavesRoot(name)) return "its name leaves the archive"
  if (name.split("/").some((part) => DEVICE.test(part))) return "its name is that of a device"
  return undefined
}

/** Gives each name once: `data.csv`, then `data (2).csv`. Two members of one name are two files. */
export const distinctNames = (): ((name: string) => string) => {
  const taken = new Set<string>()
  const serials = new Map<string, number>()
  return (name) => {
    let given = name
    const dot = name.lastIndexOf(".")
    const [stem, extension] = dot > name.lastIndexOf("/") + 1 ? [name.slice(0, dot), name.slice(dot)] : [name, ""]
    for (let n = serials.get(name) ?? 2; taken.has(given); n++) {
      given = `${stem} (${n})${extension}`
      serials.set(name, n + 1)
    }
    taken.add(given)
    return given
  }
}
