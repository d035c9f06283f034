/** A lake in a temporary folder, and downloads as the fetcher leaves them. */
import { type Downloaded, Lake, type Resource } from "@opendatahub-sql/core"
import { layer, type LakeOptions, type LakePlace } from "@opendatahub-sql/lake"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { createHash } from "node:crypto"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** A folder that goes with the scope. */
export const temporaryFolder: Effect.Effect<string, never, Scope.Scope> = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "lake-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true })),
)

/** A resource of the accidents dataset of data.gouv.fr, with changes. */
export const resource = (changes: Partial<Resource> = {}): Resource => ({
  source: "datagouv",
  dataset: {
    id: "53698f4ca3a729239d2036df",
    slug: "bases-de-donnees-annuelles-des-accidents-corporels",
    title: "Accidents corporels",
  },
  id: "104dbb32-704f-4e99-a71e-43563cb604f2",
  portalId: "104dbb32-704f-4e99-a71e-43563cb604f2",
  title: "lieux-2023.csv",
  url: "https://static.data.gouv.fr/resources/lieux-2023.csv",
  format: "csv",
  siblings: [],
  metadata: { frequency: "annual" },
  ...changes,
})

export const sha256 = (content: string | Uint8Array): string => createHash("sha256").update(content).digest("hex")

let downloads = 0

/** A finished download in a folder. */
export const downloaded = (
  folder: string,
  content: string | Uint8Array,
  changes: Partial<Downloaded> = {},
): Downloaded => {
  const path = join(folder, `download-${process.pid}-${++downloads}`)
  writeFileSync(path, content)
  return {
    _tag: "Downloaded",
    path,
    name: "lieux-2023.csv",
    sha256: sha256(content),
    bytes: Buffer.byteLength(content),
    finalUrl: "https://static.data.gouv.fr/resources/lieux-2023.csv",
    validators: { etag: '"1"' },
    headers: { "content-type": "text/csv" },
    startedAt: "2026-11-25T13:05:01.123Z",
    endedAt: "2026-11-25T13:05:02.000Z",
    ...changes,
  }
}

export const keyOf = (one: Resource) => ({ source: one.source, dataset: one.dataset.id, resource: one.id })

/** Runs a body with the lake of a place, closed afterwards. */
export const withLake = <A, E, R>(
  folder: LakePlace,
  body: (lake: Lake["Service"]) => Effect.Effect<A, E, R>,
  options: Partial<LakeOptions> = {},
) => Effect.flatMap(Lake, body).pipe(Effect.provide(layer({ folder, run: "run-1", version: "0.1.0", ...options })))

/** Keeps one content for one resource. */
export const keepText = (
  lake: Lake["Service"],
  content: string,
  one: Resource = resource(),
  changes: Partial<Downloaded> = {},
) => lake.keep(one, downloaded(lake.workFolder, content, changes), {})
