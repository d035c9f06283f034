import type { JsonObject, LakeError, StoredFile } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import type { LakePlace } from "../open-lake.ts"
import { read } from "../state/sqlite.ts"
import { grouped, lookInside, queryOf, type Row } from "./look.ts"

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
  (allRejects: ReadonlyMap<string, ReadonlyArray<string>>, listed: Set<string>) =>
  (row: Row): ListedExtraction => {
    const record = row.text("path")
    const stem = record.slice(0, -"json".length)
    const files = filesOf(row).map(({ path, name, bytes }) => {
      const isShared = listed.has(path)
      listed.add(path)
      return { path, name, bytes, isShared }
    })
    return {
      extractedAt: row.text("extracted_at"),
      record,
      files,
      rejects: allRejects.get(stem) ?? [],
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

/** The rejects of each extraction, by the path of its record without `json`. */
const rejectsIn = (paths: ReadonlyArray<string>): ReadonlyMap<string, ReadonlyArray<string>> => {
  const rejects = new Map<string, Array<string>>()
  for (const path of paths.filter((one) => one.endsWith(".rejects.parquet"))) {
    const stem = path.replace(/[^./]+\.rejects\.parquet$/, "")
    const known = rejects.get(stem)
    if (known === undefined) rejects.set(stem, [path])
    else known.push(path)
  }
  return rejects
}

const tree = (rows: ReadonlyArray<Row>, rejects: ReadonlyMap<string, ReadonlyArray<string>>) =>
  branches(
    rows,
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
            (ofResource) => ofResource.map(listExtraction(rejects, new Set())),
          ),
      ),
  )

/** All that the lake keeps, as a tree: sources, datasets, resources, extractions (oldest first). */
export const listing = (
  place: LakePlace,
): Effect.Effect<ReadonlyArray<Branch<Branch<Branch<ListedExtraction>>>>, LakeError> =>
  lookInside(place, ({ database, storage }) =>
    Effect.gen(function* () {
      const rows = yield* read(database, "view", () => queryOf(database)(SQL))
      return tree(rows, rejectsIn((yield* storage.list("extractions")).map(({ path }) => path)))
    }),
  )
