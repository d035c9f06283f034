import type { JsonObject, LakeError, StoredFile } from "@opendatahub-sql/core"
import type * as Effect from "effect/Effect"
import { resolve } from "node:path"
import { namesIn } from "../events.ts"
import { absolute } from "../layout.ts"
import { grouped, look, type Row } from "./look.ts"

/** A file of an extraction; `isShared`: an extraction before it brought the same bytes, so it takes no room. */
export interface ListedFile {
  readonly path: string
  readonly name: string
  readonly bytes: number
  readonly isShared: boolean
}

/** An extraction in the listing. Paths are relative to the lake; `bytes` is what its own files take. */
export interface ListedExtraction {
  readonly extractedAt: string
  readonly record: string
  readonly files: ReadonlyArray<ListedFile>
  /** Parquet files of rejects, one a reading. */
  readonly rejects: ReadonlyArray<string>
  readonly bytes: number
}

/** A source, a dataset or a resource; `bytes` is what the files below it take, each counted once. */
export interface Branch<Below> {
  readonly id: string
  readonly title: string
  readonly bytes: number
  readonly below: ReadonlyArray<Below>
}

const SQL = `
SELECT source, dataset, resource, extracted_at, path, record ->> '$.resource.title' AS title, record ->> '$.resource.dataset.title' AS dataset_title,
  record -> '$.file' AS file, record -> '$.siblings' AS siblings
FROM extractions ORDER BY source, dataset, resource, extracted_at`

const filesOf = (row: Row): ReadonlyArray<StoredFile> => [
  row.json("file") as unknown as StoredFile,
  ...Object.values(row.json("siblings") as JsonObject).map((file) => file as unknown as StoredFile),
]

const listExtraction =
  (lake: string, listed: Set<string>) =>
  (row: Row): ListedExtraction => {
    const record = row.text("path")
    const folder = record.slice(0, record.lastIndexOf("/"))
    const stem = record.slice(folder.length + 1, -"json".length)
    const files = filesOf(row).map(({ path, name, bytes }) => {
      const isShared = listed.has(path)
      listed.add(path)
      return { path, name, bytes, isShared }
    })
    const rejects = namesIn(absolute(lake, folder)).filter(
      (name) => name.startsWith(stem) && name.endsWith(".rejects.parquet"),
    )
    return {
      extractedAt: row.text("extracted_at"),
      record,
      files,
      rejects: rejects.map((name) => `${folder}/${name}`),
      bytes: files.reduce((sum, file) => sum + (file.isShared ? 0 : file.bytes), 0),
    }
  }

const branches = <Below extends { readonly bytes: number }>(
  rows: ReadonlyArray<Row>,
  column: string,
  titleOf: (newest: Row) => string,
  grow: (rows: ReadonlyArray<Row>) => ReadonlyArray<Below>,
): ReadonlyArray<Branch<Below>> =>
  [...grouped(rows, (row) => row.text(column))].map(([id, group]) => {
    const below = grow(group)
    return {
      id,
      title: group.slice(-1).map(titleOf)[0] ?? id,
      bytes: below.reduce((sum, one) => sum + one.bytes, 0),
      below,
    }
  })

/** All that the lake keeps, as a tree: sources, datasets, resources, extractions (oldest first). */
export const listing = (
  folder: string,
): Effect.Effect<ReadonlyArray<Branch<Branch<Branch<ListedExtraction>>>>, LakeError> =>
  look(folder, (query) =>
    branches(
      query(SQL),
      "source",
      (row) => row.text("source"),
      (ofSource) =>
        branches(
          ofSource,
          "dataset",
          (row) => row.text("dataset_title"),
          (ofDataset) =>
            branches(
              ofDataset,
              "resource",
              (row) => row.text("title"),
              (ofResource) => ofResource.map(listExtraction(resolve(folder), new Set())),
            ),
        ),
    ),
  )
