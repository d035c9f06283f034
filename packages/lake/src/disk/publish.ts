/** Write-once, durable publication: a name appears with its whole content or not at all, and is never overwritten. */
import type { LakeError } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import { randomUUID } from "node:crypto"
import { existsSync, renameSync } from "node:fs"
import { type FileHandle, chmod, copyFile, link, mkdir, open, rm } from "node:fs/promises"
import { dirname, join } from "node:path"
import { disk, saysCode } from "../failure.ts"

const using = async <A>(path: string, flags: string, body: (handle: FileHandle) => Promise<A>): Promise<A> => {
  const handle = await open(path, flags)
  return body(handle).finally(() => handle.close())
}

/** A rename or a new name in a folder is durable only once the folder itself is. Windows cannot sync folders, and journals names anyway. */
export const syncFolder = (path: string): Promise<void> =>
  process.platform === "win32" ? Promise.resolve() : using(path, "r", (handle) => handle.sync())

/** Creates a folder and its parents, durably. */
export const makeFolder = async (path: string): Promise<void> => {
  const first = await mkdir(path, { recursive: true })
  if (first === undefined) return
  for (let made = path; made.length >= first.length; made = dirname(made)) await syncFolder(dirname(made))
}

/** Writes a new file and makes its bytes (not its name) durable. */
export const writeDurably = (path: string, text: string): Promise<void> =>
  using(path, "wx", async (handle) => {
    await handle.writeFile(text)
    await handle.sync()
  })

/** How a name is given to a file that already has its content. `link` is the system call; a test replaces it by one that is not supported. */
export interface Publishing {
  /** A folder on the disk of the lake, for copies on their way. */
  readonly workFolder: string
  /** Runs `body` while no other process of the lake runs one: stands in for a link where there are none. */
  readonly alone: <A>(body: () => A) => Effect.Effect<A, LakeError>
  readonly link: (from: string, to: string) => Promise<void>
}

/** The ordinary way to {@link Publishing.link}. */
export const hardLink: Publishing["link"] = link

const NO_LINKS = ["EPERM", "EXDEV", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK", "EINVAL"]

/**
 * Gives the file at `from` the name `to` as well, durably. `exists` when the name is taken: the file there is left as it is.
 * Published files are read-only, so a program that still holds `from` cannot change them by accident.
 */
export const publish = Effect.fn("Lake.publish")(function* (from: string, to: string, how: Publishing) {
  const folder = dirname(to)
  const linked = yield* disk("publish", `publish ${to}`, async (): Promise<"published" | "exists" | "no-links"> => {
    await using(from, "r+", (handle) => handle.sync()).catch((error: unknown) => {
      // Already read-only: an earlier attempt, which synced it.
      if (!saysCode(error, "EACCES", "EPERM")) throw error
    })
    await makeFolder(folder)
    await chmod(from, 0o444)
    try {
      await how.link(from, to)
      await syncFolder(folder)
      return "published"
    } catch (error) {
      if (saysCode(error, "EEXIST")) return "exists"
      if (saysCode(error, ...NO_LINKS)) return "no-links"
      throw error
    }
  })
  return linked === "no-links" ? yield* publishCopy(from, to, how) : linked
})

/** Without links: a copy on the same disk, renamed while nobody else may take the name. */
const publishCopy = (from: string, to: string, how: Publishing): Effect.Effect<"published" | "exists", LakeError> => {
  const copy = join(how.workFolder, `copy-${randomUUID()}`)
  return disk("publish", `copy ${from} into the lake`, async () => {
    await copyFile(from, copy)
    await using(copy, "r", (handle) => handle.sync())
  }).pipe(
    Effect.andThen(
      how.alone(() => {
        if (existsSync(to)) return "exists" as const
        renameSync(copy, to)
        return "published" as const
      }),
    ),
    Effect.tap(() => disk("publish", `publish ${to}`, () => syncFolder(dirname(to)))),
    Effect.ensuring(Effect.promise(() => rm(copy, { force: true }))),
  )
}
