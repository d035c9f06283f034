/** A column of text that has one value per copied file. */
import type { AddedColumn } from "./added-column.ts"
import {
  BINARY,
  BYTE_ARRAY,
  columnSchema,
  I32,
  i32,
  i64,
  lengthPrefixed,
  list,
  PLAIN,
  RLE,
  RLE_DICTIONARY,
  run,
  struct,
  text,
} from "./fields.ts"
import { type Struct, writeStruct } from "./thrift-compact.ts"

/** A column chunk of one value: a dictionary of it, and a page of runs. */
const chunkOf = (name: string, value: string | null, rows: number, place: number) => {
  const page = (type: number, body: Uint8Array, header: Struct[number]) =>
    Buffer.concat([writeStruct([i32(1, type), i32(2, body.length), i32(3, body.length), header]), body])
  const dictionary = page(2, lengthPrefixed(Buffer.from(value ?? "")), struct(7, [i32(1, 1), i32(2, PLAIN)]))
  const levels = lengthPrefixed(run(rows, value === null ? 0 : 1))
  const indexes = Buffer.concat([Buffer.of(1), value === null ? Buffer.alloc(0) : run(rows, 0)])
  const header = struct(5, [i32(1, rows), i32(2, RLE_DICTIONARY), i32(3, RLE), i32(4, RLE)])
  const bytes = Buffer.concat([dictionary, page(0, Buffer.concat([levels, indexes]), header)])
  const statistics: Struct = [
    i64(3, value === null ? rows : 0),
    ...(value === null ? [] : [text(5, value), text(6, value)]),
  ]
  const metadata: Struct = [
    i32(1, BYTE_ARRAY),
    list(2, I32, [PLAIN, RLE, RLE_DICTIONARY].map(BigInt)),
    list(3, BINARY, [Buffer.from(name)]),
    i32(4, 0),
    i64(5, rows),
    i64(6, bytes.length),
    i64(7, bytes.length),
    i64(9, place + dictionary.length),
    i64(11, place),
    struct(12, statistics),
  ]
  return { bytes, chunk: [i64(2, 0), struct(3, metadata)] as Struct }
}

/** The column `name`, with a value for each file. */
export const labelColumn = (name: string, values: ReadonlyArray<string | null>): AddedColumn => ({
  schema: columnSchema(name, BYTE_ARRAY, true),
  chunk: ({ part, rows }, place) => chunkOf(name, values[part] ?? null, rows, place),
})
