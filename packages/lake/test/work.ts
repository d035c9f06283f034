/** What a worker does: the new contents of three resources, one of them a bundle, with their events and rejects. */
import type { Resource } from "@opendatahub-sql/core"
import type { LakePlace } from "@opendatahub-sql/lake"
import * as Effect from "effect/Effect"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { downloaded, keepText, keyOf, resource, withLake } from "./lake-in-a-folder.ts"

export const RESOURCES: ReadonlyArray<Resource> = ["lieux", "usagers", "vehicules"].map((id) =>
  resource({ id, title: id }),
)

/** The contents that the portal has, oldest first: `before` is kept before anything is killed. */
export const BEFORE = "A"
export const NOW = "B"

export const work = (folder: LakePlace, run: string): Promise<void> =>
  Effect.runPromise(
    withLake(
      folder,
      (lake) =>
        Effect.gen(function* () {
          const stamp = { at: new Date().toISOString(), run }
          yield* lake.record({ _tag: "RunStarted", ...stamp, command: "sync", version: "0.1.0" })
          for (const one of RESOURCES) {
            yield* Effect.scoped(
              Effect.gen(function* () {
                yield* lake.lease(keyOf(one))
                const siblings =
                  one.id === "vehicules" ? { dbf: downloaded(lake.workFolder, `${NOW} of the sibling`) } : {}
                const kept = yield* lake.keep(
                  one,
                  downloaded(lake.workFolder, `${NOW} of ${one.id}`, { startedAt: "2026-11-26T00:00:00.000Z" }),
                  siblings,
                )
                const last = kept ?? (yield* lake.extractions(keyOf(one))).at(-1)
                if (last === undefined) return
                const {
                  extractedAt,
                  file: { sha256, bytes },
                } = last
                yield* lake.record(
                  kept === undefined
                    ? { _tag: "Seen", ...stamp, ...keyOf(one), extractedAt, how: "same-bytes" }
                    : { _tag: "Extracted", ...stamp, ...keyOf(one), extractedAt, sha256, bytes, title: one.title },
                )
                const rejects = join(lake.workFolder, `${one.id}.parquet`)
                writeFileSync(rejects, "rejects")
                yield* lake.keepRejects(last, sha256, rejects)
                yield* lake.record({
                  _tag: "Loaded",
                  ...stamp,
                  ...keyOf(one),
                  extractedAt,
                  key: sha256,
                  target: "duckdb:w.duckdb",
                  outcome: "committed",
                  tables: [{ table: one.id, rows: 2, rejects: 1, columns: 3, change: "create" }],
                })
              }),
            )
          }
          yield* lake.record({ _tag: "RunEnded", ...stamp, outcome: "done", counts: { loaded: RESOURCES.length } })
        }),
      { run },
    ),
  )

/** The lake before: one extraction of every resource. */
export const prepare = (folder: LakePlace): Effect.Effect<void, unknown> =>
  withLake(
    folder,
    (lake) => Effect.forEach(RESOURCES, (one) => keepText(lake, `${BEFORE} of ${one.id}`, one), { discard: true }),
    { run: "before" },
  )
