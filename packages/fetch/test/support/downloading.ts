/** How the tests call the downloader: loopback allowed, a folder of their own, and waits that take no time but are written down. */
import { type DownloadRequest, Fetch } from "@opendatahub-sql/core"
import { type FetchOptions, layer } from "@opendatahub-sql/fetch"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** A clock that tells the time but never makes one wait, up to an hour: `timeouts.whole` stays out of reach. */
export const instantClock = (waits: Array<number>): Clock.Clock => ({
  currentTimeMillisUnsafe: () => Date.now(),
  currentTimeMillis: Effect.sync(() => Date.now()),
  currentTimeNanosUnsafe: () => BigInt(Date.now()) * 1_000_000n,
  currentTimeNanos: Effect.sync(() => BigInt(Date.now()) * 1_000_000n),
  monotonicTimeNanosUnsafe: () => process.hrtime.bigint(),
  monotonicTimeNanos: Effect.sync(() => process.hrtime.bigint()),
  sleep: (duration) => {
    const milliseconds = Duration.toMillis(duration)
    return milliseconds > 3_600_000
      ? Effect.never
      : Effect.sync(() => waits.push(milliseconds)).pipe(Effect.andThen(Effect.yieldNow))
  },
})

/** A folder for the scope. */
export const temporaryFolder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "odh-fetch-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true })),
)

export type DownloadOptions = Parameters<Fetch["Service"]["download"]>[1]

/** One download in a process of its own, so to say: a new layer. */
export const download = (
  request: string | (Omit<DownloadRequest, "name"> & { readonly name?: string }),
  options: DownloadOptions,
  settings: FetchOptions = {},
  waits: Array<number> = [],
) =>
  Fetch.use((fetch) =>
    fetch.download({ name: "file.csv", ...(typeof request === "string" ? { url: request } : request) }, options),
  ).pipe(
    Effect.provide(layer({ allowPrivate: ["127.0.0.1"], ...settings })),
    Effect.provideService(Clock.Clock, instantClock(waits)),
  )
