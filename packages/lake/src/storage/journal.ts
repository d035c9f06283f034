/**
 * Event files of an object store, which cannot be appended to: a run's file grows on this machine, durably, and goes to the store whole, soon
 * after the first events and then the less often the larger it is. What a killed process did not send, the next one on this machine sends.
 */
import type { LakeError } from "@opendatahub-sql/core"
import type { ObjectStore } from "@opendatahub-sql/object-store"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Semaphore from "effect/Semaphore"
import { statSync } from "node:fs"
import { readdir, rm, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { makeFolder } from "../disk/publish.ts"
import { entriesOf, isLeftOver } from "../disk/work-folder.ts"
import { appendLine } from "../events.ts"
import { disk, diskNow } from "../failure.ts"
import { absolute } from "../layout.ts"
import { ofStore } from "./store-failure.ts"

/** Milliseconds between two times that a file is sent, and as many more for each MiB of it. */
const PAUSE = 5_000
const MIB = 1024 ** 2

interface Journaled {
  sentAt: number
  sentBytes: number
}

/** The event files of one process. */
export interface Journal {
  readonly append: (path: string, line: string) => Effect.Effect<void, LakeError>
  /** Where a file of this process is on this machine; `undefined` when it is none of its own. */
  readonly find: (path: string) => string | undefined
  /** Sends what was not sent yet. */
  readonly send: Effect.Effect<void, LakeError>
}

/** `folder`: of this process alone, below `journals`. */
export const makeJournal = (store: ObjectStore, at: (path: string) => string, folder: string): Journal => {
  const files = new Map<string, Journaled>()
  const oneAtATime = Semaphore.makeUnsafe(1)

  const send = (path: string, file: Journaled): Effect.Effect<void, LakeError> =>
    oneAtATime.withPermits(1)(
      Effect.gen(function* () {
        const here = absolute(folder, path)
        const { size } = statSync(here)
        if (size === file.sentBytes) return
        yield* ofStore("record", store.put(at(path), { path: here }))
        file.sentAt = yield* Clock.currentTimeMillis
        file.sentBytes = size
      }),
    )

  /** The same run may have written before. */
  const begin = Effect.fnUntraced(function* (path: string, here: string) {
    const before = (yield* ofStore("record", store.get(at(path)))) ?? new Uint8Array()
    yield* disk("record", `create ${here}`, async () => {
      await makeFolder(dirname(here))
      await writeFile(here, before)
    })
    const file: Journaled = { sentAt: Number.NEGATIVE_INFINITY, sentBytes: before.length }
    files.set(path, file)
    return file
  })

  return {
    append: Effect.fnUntraced(function* (path, line) {
      const here = absolute(folder, path)
      const file = files.get(path) ?? (yield* begin(path, here))
      yield* diskNow("record", `append to ${here}`, () => appendLine(here, line))
      const pause = PAUSE * (1 + file.sentBytes / MIB)
      if (Math.abs((yield* Clock.currentTimeMillis) - file.sentAt) >= pause) yield* send(path, file)
    }),
    find: (path) => (files.has(path) ? absolute(folder, path) : undefined),
    send: Effect.forEach(files, ([path, file]) => send(path, file), { discard: true }),
  }
}

/** Sends what ended processes of this machine did not. */
export const sendLeftOvers = Effect.fnUntraced(function* (
  store: ObjectStore,
  at: (path: string) => string,
  journals: string,
) {
  const now = yield* Clock.currentTimeMillis
  for (const name of yield* disk("record", `list ${journals}`, () => entriesOf(journals))) {
    const folder = join(journals, name)
    if (!(yield* Effect.promise(() => isLeftOver(folder, name, now).catch(() => false)))) continue
    const entries = yield* disk("record", `list ${folder}`, () =>
      readdir(folder, { recursive: true, withFileTypes: true }),
    )
    for (const entry of entries.filter((one) => one.isFile())) {
      const here = join(entry.parentPath, entry.name)
      const path = here
        .slice(folder.length + 1)
        .split(/[/\\]/)
        .join("/")
      const there = yield* ofStore("record", store.head(at(path)))
      if ((there?.bytes ?? 0) < statSync(here).size) yield* ofStore("record", store.put(at(path), { path: here }))
    }
    yield* disk("record", `remove ${folder}`, () => rm(folder, { recursive: true, force: true }))
  }
})
