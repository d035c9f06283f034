/**
 * Parquet files of one schema as one file, their pages copied as they are: nothing is decoded, memory is one buffer. A first column may be added. The layout is that of `parquet.thrift` (Apache Parquet format 2.11).
 */
import { type FileHandle, open } from "node:fs/promises"
import type { AddedColumn } from "./added-column.ts"
import { i32, i64, list, STRUCT, text } from "./fields.ts"
import { footerBytes, readFooter, set, structs, whole } from "./footer.ts"
import { type Struct, type Value, writeStruct } from "./thrift-compact.ts"

/** What the file gets beside the rows of its parts. */
export interface Additions {
  /** A column before the others. */
  readonly column?: AddedColumn | undefined
  /** Key-value metadata. */
  readonly metadata: Readonly<Record<string, string>>
}

const BUFFER_BYTES = 4_194_304
const moved = (struct: Struct, ids: ReadonlyArray<number>, by: number): Struct =>
  ids.reduce((changed, id) => set(changed, id, (value) => (value as bigint) + BigInt(by)), struct)

/** A row group whose pages were moved: every place that it tells. A file offset of zero is the writer's word for none. */
const movedGroup = (group: Struct, by: number): Struct => {
  const chunks = structs(group, 1).map((chunk) =>
    set(moved(chunk, [4, 6, ...(whole(chunk, 2) === 0 ? [] : [2])], by), 3, (value) =>
      moved(value as Struct, [9, 10, 11, 14], by),
    ),
  )
  return set(moved(group, whole(group, 5) === 0 ? [] : [5], by), 1, () => ({ element: STRUCT, items: chunks }))
}

const withFirst = (group: Struct, chunk: Struct, bytes: number): Struct => {
  const more = (value: Value): Value => (value as bigint) + BigInt(bytes)
  const first = set(group, 1, () => ({ element: STRUCT, items: [chunk, ...structs(group, 1)] }))
  // Sorting columns (4) are told by their number, which is another one now.
  return set(set(first, 2, more), 6, more).filter(({ id }) => id !== 4)
}

const copy = async (from: FileHandle, to: FileHandle, end: number): Promise<void> => {
  const buffer = Buffer.allocUnsafe(Math.min(BUFFER_BYTES, end))
  for (let at = 0; at < end;) {
    const { bytesRead } = await from.read(buffer, 0, Math.min(buffer.length, end - at), at)
    if (bytesRead === 0) throw new RangeError("the Parquet file ends before its footer")
    await to.writeFile(buffer.subarray(0, bytesRead))
    at += bytesRead
  }
}

const opened = async <A>(path: string, flags: string, use: (file: FileHandle) => Promise<A>): Promise<A> => {
  const file = await open(path, flags)
  try {
    return await use(file)
  } finally {
    await file.close()
  }
}

/** What tells schemas apart. Rejects when the file is no Parquet file. */
export const schemaOf = (path: string): Promise<string> =>
  opened(path, "r", async (file) => {
    const { metadata } = await readFooter(file)
    return structs(metadata, 2)
      .map((element) => Buffer.from(writeStruct(element)).toString("hex"))
      .join(" ")
  })

/** Writes the files at `paths`, whose schemas are equal, one after the other to `target`, which must not exist. */
export const concatenate = (
  paths: ReadonlyArray<string>,
  target: string,
  { column, metadata }: Additions,
): Promise<void> =>
  opened(target, "wx", async (file) => {
    const groups: Array<Struct> = []
    let first: Struct = []
    let place = 0
    let rows = 0
    for (const [part, path] of paths.entries()) {
      await opened(path, "r", async (from) => {
        const footer = await readFooter(from)
        if (first.length === 0) first = footer.metadata
        // With the magic word, so that the first part lands where it was.
        await copy(from, file, footer.start)
        const by = place
        let before = 0
        place += footer.start
        rows += whole(footer.metadata, 3)
        for (const group of structs(footer.metadata, 4)) {
          const here = movedGroup(group, by)
          const added = column?.chunk({ part, before, rows: whole(group, 3) }, place)
          if (added !== undefined) await file.writeFile(added.bytes)
          place += added?.bytes.length ?? 0
          before += whole(group, 3)
          const complete = added === undefined ? here : withFirst(here, added.chunk, added.bytes.length)
          groups.push(set(complete, 7, () => BigInt(groups.length)))
        }
      })
    }
    const [root = [], ...elements] = structs(first, 2)
    const schema =
      column === undefined
        ? [root, ...elements]
        : [set(root, 5, (value) => (value as bigint) + 1n), column.schema, ...elements]
    const orders = structs(first, 7)
    const keys = Object.entries(metadata).map(([key, value]): Struct => [text(1, key), text(2, value)])
    const joined: Struct = [
      i32(1, whole(first, 1)),
      list(2, STRUCT, schema),
      i64(3, rows),
      list(4, STRUCT, groups),
      ...(keys.length === 0 ? [] : [list(5, STRUCT, keys)]),
      ...first.filter(({ id }) => id === 6),
      ...(orders.length === 0 ? [] : [list(7, STRUCT, column === undefined ? orders : [orders[0] ?? [], ...orders])]),
    ]
    await file.writeFile(footerBytes(joined))
  })
