/** A copy for readers that must not meet the writer's lock. */
import { SinkError, terminal } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import { copyFile, open, rename, rm } from "node:fs/promises"

/** Copies the closed database beside `to`, durably, and swaps it in by a rename: a reader sees the old file or the new one, whole. */
export const publishCopy = (from: string, to: string): Effect.Effect<void, SinkError> =>
  Effect.tryPromise({
    try: async () => {
      const temporary = `${to}.${process.pid}.tmp`
      try {
        await copyFile(from, temporary)
        const file = await open(temporary, "r+")
        await file.sync()
        await file.close()
        await rename(temporary, to)
      } finally {
        await rm(temporary, { force: true })
      }
    },
    catch: (cause) =>
      new SinkError({
        plugin: "duckdb",
        operation: "publish",
        reason: terminal,
        message: `could not publish a copy of the warehouse to ${to}: ${String(cause)}`,
        cause,
      }),
  })
