/** `work/`: one folder a process, named after it, so that the next process can remove what a dead one left. */
import { readdir, rm, stat } from "node:fs/promises"
import { randomUUID } from "node:crypto"
import { join } from "node:path"
import { saysCode } from "../failure.ts"
import { segment } from "../layout.ts"
import { liveness, type Owner } from "./owner.ts"

/** Something of a process of another machine is left alone for this long (milliseconds) after its last change. */
const FOREIGN = 7 * 24 * 3600 * 1000

/** A name for something of this process, new each time. `~` never comes out of {@link segment} of a short name. */
export const ownedName = (owner: Owner): string =>
  [segment(owner.host.slice(0, 80)), owner.pid, segment(owner.started), randomUUID()].join("~")

const ownerIn = (name: string): Owner | undefined => {
  const [host, pid, started, id] = name.split("~")
  if (host === undefined || started === undefined || id === undefined || !/^\d+$/.test(pid ?? "")) return undefined
  return { host: decodeURIComponent(host), pid: Number(pid), started: decodeURIComponent(started) }
}

/** Whether the process that made this entry of the work folder is gone. */
export const isLeftOver = async (path: string, name: string, now: number): Promise<boolean> => {
  const owner = ownerIn(name)
  if (owner === undefined) return false
  const state = liveness(owner)
  if (state !== "unknown") return state === "dead"
  const { mtimeMs } = await stat(path)
  return now - mtimeMs > FOREIGN
}

/** The names in a folder; none when there is no such folder. */
export const entriesOf = (folder: string): Promise<ReadonlyArray<string>> =>
  readdir(folder).then(
    (names) => names.toSorted(),
    (error: unknown) => {
      if (saysCode(error, "ENOENT")) return []
      throw error
    },
  )

/** Removes what dead processes left in `work/`. Another process may be sweeping too. */
export const sweep = async (work: string, now: number): Promise<void> => {
  for (const name of await entriesOf(work)) {
    const path = join(work, name)
    if (await isLeftOver(path, name, now).catch(() => false)) await rm(path, { recursive: true, force: true })
  }
}
