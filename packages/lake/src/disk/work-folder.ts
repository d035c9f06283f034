/** `work/`: one folder a process, named after it, so that the next process can remove what a dead one left. */
import { readdir, rename, rm, stat } from "node:fs/promises"
import { randomUUID } from "node:crypto"
import { join } from "node:path"
import { saysCode } from "../failure.ts"
import { segment } from "../layout.ts"
import { liveness, type Owner } from "./owner.ts"

/** How long (milliseconds) after its last change a download that was cut is kept, and something of a process of another machine left alone. */
const KEPT = 7 * 24 * 3600 * 1000

/** A name for something of this process, new each time. `~` never comes out of {@link segment} of a short name. */
export const ownedName = (owner: Owner): string =>
  [segment(owner.host), owner.pid, segment(owner.started), randomUUID()].join("~")

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
  return now - mtimeMs > KEPT
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

/** A download that was cut, and its note: the fetcher goes on with them, wherever they lie. */
const isPartial = (name: string): boolean => /\.part(\.json)?$/.test(name)

/** Removes a folder but for the downloads in it that can be gone on with. */
export const clear = async (folder: string): Promise<void> => {
  const names = await entriesOf(folder)
  for (const name of names) if (!isPartial(name)) await rm(join(folder, name), { recursive: true, force: true })
  if (!names.some(isPartial)) await rm(folder, { recursive: true, force: true })
}

/** Removes what dead processes left in `work/`; downloads that were cut move to `own`, this process's folder. Another process may be sweeping too. */
export const sweep = async (work: string, own: string, now: number): Promise<void> => {
  for (const name of await entriesOf(work)) {
    const path = join(work, name)
    if (!(await isLeftOver(path, name, now).catch(() => false))) continue
    // One rename: of two processes that sweep, one has all of it.
    const taken = join(own, `swept-${name}`)
    const isMine = await rename(path, taken).then(
      () => true,
      () => false,
    )
    if (!isMine) continue
    for (const entry of await readdir(taken, { recursive: true, withFileTypes: true })) {
      const found = join(entry.parentPath, entry.name)
      const isFresh = entry.isFile() && isPartial(entry.name) && now - (await stat(found)).mtimeMs < KEPT
      if (isFresh) await rename(found, join(own, entry.name))
    }
    await rm(taken, { recursive: true, force: true })
  }
}
