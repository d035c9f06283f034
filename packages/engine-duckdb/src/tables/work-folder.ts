/** Where tables live while they are needed: one folder per engine, one inside it per table; nothing of a dead process stays. */
import type { EngineError } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { randomUUID } from "node:crypto"
import { mkdir, mkdtemp, readdir, realpath, rm } from "node:fs/promises"
import { hostname } from "node:os"
import { join } from "node:path"
import { engineError } from "../database/failure.ts"

/** Engines of this process, so that one never sweeps another. */
const alive = new Set<string>()

/** The host is part of the name: on a shared disk, a process number says nothing about another machine. */
const host = hostname().replaceAll(/[^A-Za-z0-9]/g, "")
const folderName = new RegExp(`^engine-${host}-(\\d+)-[0-9a-f]+$`)

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === "EPERM"
  }
}

const sweep = async (workFolder: string): Promise<void> => {
  for (const name of await readdir(workFolder)) {
    const pid = Number(folderName.exec(name)?.[1])
    const path = join(workFolder, name)
    const isLeftover = pid === process.pid ? !alive.has(path) : pid > 0 && !isRunning(pid)
    if (isLeftover) await rm(path, { recursive: true, force: true })
  }
}

const remove = (path: string): Effect.Effect<void> =>
  Effect.promise(() => rm(path, { recursive: true, force: true, maxRetries: 3 }))

const attempt = <A>(purpose: string, run: () => Promise<A>): Effect.Effect<A, EngineError> =>
  Effect.tryPromise({ try: run, catch: (cause) => engineError("work folder", purpose, cause) })

/** This engine's own folder under `workFolder` (created), after sweeping those of dead processes. Removed with the scope. */
export const engineFolder = (workFolder: string): Effect.Effect<string, EngineError, Scope.Scope> =>
  Effect.acquireRelease(
    attempt(`use the work folder ${workFolder}`, async () => {
      await mkdir(workFolder, { recursive: true })
      const root = await realpath(workFolder)
      await sweep(root)
      const path = join(root, `engine-${host}-${process.pid}-${randomUUID().slice(0, 8)}`)
      alive.add(path)
      await mkdir(path)
      return path
    }),
    (path) =>
      Effect.andThen(
        remove(path),
        Effect.sync(() => alive.delete(path)),
      ),
  )

/** A fresh folder in `parent`, removed with the scope. */
export const scopedFolder = (parent: string, name: string): Effect.Effect<string, EngineError, Scope.Scope> =>
  Effect.acquireRelease(
    attempt("make a folder for a table", () => mkdtemp(join(parent, `${name}-`))),
    remove,
  )
