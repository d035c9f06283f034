/**
 * The footer of a Parquet file, read and written; the last columns are dropped by rewriting it: their pages stay in the file, unread. The
 * layout is that of `parquet.thrift` (Apache Parquet format 2.11): FileMetaData 2 = schema, 4 = row groups, 7 = column orders.
 */
import { type FileHandle, open } from "node:fs/promises"
import { type Field, readStruct, type Struct, type Value, writeStruct } from "./thrift-compact.ts"

const field = (struct: Struct, id: number): Value | undefined => struct.find((f) => f.id === id)?.value

/** The structs of a field that lists them. */
export const structs = (struct: Struct, id: number): ReadonlyArray<Struct> => {
  const value = field(struct, id)
  return value !== undefined && typeof value === "object" && "items" in value
    ? (value.items as ReadonlyArray<Struct>)
    : []
}

/** The whole number in a field; zero without one. */
export const whole = (struct: Struct, id: number): number => Number((field(struct, id) as bigint | undefined) ?? 0n)

/** The struct with a field changed, where it has it. */
export const set = (struct: Struct, id: number, change: (value: Value) => Value): Struct =>
  struct.map((f): Field => (f.id === id ? { ...f, value: change(f.value) } : f))

const keepFirst =
  (count: number) =>
  (value: Value): Value =>
    typeof value === "object" && "items" in value ? { ...value, items: value.items.slice(0, count) } : value

/** Where each top-level column starts in the flat schema, and how many leaves (column chunks) come before it. */
const topLevel = (
  schema: ReadonlyArray<Struct>,
): ReadonlyArray<{ readonly element: number; readonly leaf: number }> => {
  const columns: Array<{ element: number; leaf: number }> = []
  let at = 1
  let leaf = 0
  const skip = (): void => {
    const children = whole(schema[at] ?? [], 5)
    at++
    if (children === 0) leaf++
    for (let child = 0; child < children; child++) skip()
  }
  while (at < schema.length) {
    columns.push({ element: at, leaf })
    skip()
  }
  return columns
}

/** The metadata without the last `count` top-level columns. */
export const withoutLastColumns = (metadata: Struct, count: number): Struct => {
  const schema = structs(metadata, 2)
  const columns = topLevel(schema)
  const first = columns[columns.length - count]
  if (count === 0 || first === undefined) return metadata
  const trimGroup = (group: Struct): Struct => {
    const dropped = structs(group, 1)
      .slice(first.leaf)
      .map((chunk) => (field(chunk, 3) as Struct | undefined) ?? [])
    const less =
      (id: number) =>
      (value: Value): Value =>
        dropped.reduce((left, chunk) => left - BigInt(whole(chunk, id)), value as bigint)
    // RowGroup 2 and 6 total what ColumnMetaData 6 (uncompressed) and 7 (compressed) say.
    return set(set(set(group, 1, keepFirst(first.leaf)), 2, less(6)), 6, less(7))
  }
  const root = set(schema[0] ?? [], 5, (value) => (value as bigint) - BigInt(count))
  return metadata.map((f): Field => {
    if (f.id === 2) return { ...f, value: { element: 12, items: [root, ...schema.slice(1, first.element)] } }
    if (f.id === 4) return { ...f, value: { element: 12, items: structs(metadata, 4).map(trimGroup) } }
    if (f.id === 7) return { ...f, value: keepFirst(first.leaf)(f.value) }
    return f
  })
}

const readFully = async (file: FileHandle, start: number, length: number): Promise<Buffer> => {
  const bytes = Buffer.alloc(length)
  const { bytesRead } = await file.read(bytes, 0, length, start)
  if (bytesRead !== length) throw new RangeError("the Parquet file ends before its footer")
  return bytes
}

/** The metadata, and where in the file it starts. Rejects when the file is no Parquet file. */
export const readFooter = async (file: FileHandle): Promise<{ readonly start: number; readonly metadata: Struct }> => {
  const { size } = await file.stat()
  const tail = await readFully(file, size - 8, 8)
  if (tail.toString("latin1", 4) !== "PAR1") throw new RangeError("not a Parquet file")
  const start = size - 8 - tail.readUInt32LE(0)
  return { start, metadata: readStruct(await readFully(file, start, size - 8 - start)) }
}

/** The end of a Parquet file: the metadata, its length, the magic word. */
export const footerBytes = (metadata: Struct): Buffer => {
  const footer = writeStruct(metadata)
  const end = Buffer.alloc(8)
  end.writeUInt32LE(footer.length, 0)
  end.write("PAR1", 4, "latin1")
  return Buffer.concat([footer, end])
}

/** Drops the last `count` top-level columns of the file at `path`, in place. Rejects when the file is no Parquet file. */
export const dropLastColumns = async (path: string, count: number): Promise<void> => {
  const file = await open(path, "r+")
  try {
    const { start, metadata } = await readFooter(file)
    const footer = footerBytes(withoutLastColumns(metadata, count))
    await file.truncate(start)
    await file.write(footer, 0, footer.length, start)
  } finally {
    await file.close()
  }
}
