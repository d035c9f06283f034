import type { LakePlace } from "@opendatahub-sql/lake"
import * as Effect from "effect/Effect"
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { temporaryFolder } from "./lake-in-a-folder.ts"
import { storageLaws } from "./storage-laws.ts"

const folderOf = (place: LakePlace): string => (typeof place === "string" ? place : place.folder)

storageLaws(
  "a folder",
  {
    place: temporaryFolder,
    elsewhere: (place) => Effect.succeed(place),
    files: (place) =>
      Effect.sync(() => {
        const folder = folderOf(place)
        const found = readdirSync(folder, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => join(entry.parentPath, entry.name))
        return new Map(found.map((path) => [path.slice(folder.length + 1), readFileSync(path)] as const))
      }),
    damage: (place, path, bytes) =>
      Effect.sync(() => {
        const target = join(folderOf(place), path)
        if (bytes === undefined) {
          rmSync(target)
          return
        }
        mkdirSync(dirname(target), { recursive: true })
        if (existsSync(target)) chmodSync(target, 0o644)
        writeFileSync(target, bytes)
      }),
    kills: process.env["ODH_LONG"] === "1" ? 100 : 6,
  },
  120_000,
)
