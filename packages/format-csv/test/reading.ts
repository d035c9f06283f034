/** Reads bytes with the format, for tests, and finds the files of the corpus. */
import { type Cell, type JsonObject, type RawFile, type Reject } from "@opendatahub-sql/core"
import { cut, watchedFile } from "@opendatahub-sql/core/testing"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { readFileSync } from "node:fs"
import { gunzipSync, inflateRawSync } from "node:zlib"
import { csv } from "../src/index.ts"

type CsvOptions = NonNullable<Parameters<typeof csv>[0]>

export interface Reading {
  readonly columns: ReadonlyArray<string>
  readonly rows: ReadonlyArray<ReadonlyArray<Cell>>
  readonly numbers: ReadonlyArray<number>
  readonly rejects: ReadonlyArray<Reject>
  readonly facts: JsonObject
}

export const bytesOf = (content: string | Uint8Array): Uint8Array =>
  typeof content === "string" ? Buffer.from(content, "utf8") : content

/** A file cut into chunks of these sizes, the last one repeated. */
export const fileOf = (
  content: string | Uint8Array,
  sizes: ReadonlyArray<number> = [65_536],
  name = "file.csv",
): RawFile => watchedFile(name, cut(bytesOf(content), sizes)).file

/** Everything the format reads. */
export const read = Effect.fnUntraced(function* (
  content: string | Uint8Array,
  options: CsvOptions = {},
  sizes?: ReadonlyArray<number>,
) {
  const format = yield* csv(options).decode
  const reading = {
    columns: new Array<string>(),
    rows: new Array<ReadonlyArray<Cell>>(),
    numbers: new Array<number>(),
    rejects: new Array<Reject>(),
    facts: {} as JsonObject,
  }
  yield* Stream.runForEach(format.read(fileOf(content, sizes)), (event) =>
    Effect.sync(() => {
      if (event._tag === "TableStarted") reading.columns = event.columns.map((column) => column.name)
      else if (event._tag === "Rejects") reading.rejects.push(...event.rejects)
      else if (event._tag === "Facts") reading.facts = event.facts
      else if (event._tag === "Batch") {
        for (let r = 0; r < event.size; r++) {
          reading.rows.push(event.columns.map((column) => column[r] ?? null))
          reading.numbers.push(event.rowNumbers[r] ?? 0)
        }
      }
    }),
  )
  return reading satisfies Reading
})

/** One table that the format reads, and what it says of it. */
export interface ReadTable {
  readonly name: string
  readonly columns: ReadonlyArray<string>
  readonly rows: Array<ReadonlyArray<Cell>>
  readonly numbers: Array<number>
  readonly rejects: Array<Reject>
  facts: JsonObject
}

/** All tables that the format reads, in their order. */
export const readTables = Effect.fnUntraced(function* (content: string | Uint8Array, sizes?: ReadonlyArray<number>) {
  const format = yield* csv().decode
  const tables = new Map<string, ReadTable>()
  yield* Stream.runForEach(format.read(fileOf(content, sizes)), (event) =>
    Effect.sync(() => {
      if (event._tag === "TableStarted") {
        const columns = event.columns.map((column) => column.name)
        tables.set(event.table, { name: event.table, columns, rows: [], numbers: [], rejects: [], facts: {} })
        return
      }
      const table = tables.get(event.table ?? "")
      if (table === undefined) throw new Error(`${event._tag} of a table that has not started`)
      if (event._tag === "Rejects") table.rejects.push(...event.rejects)
      else if (event._tag === "Facts") table.facts = event.facts
      else if (event._tag === "Batch")
        for (let r = 0; r < event.size; r++) {
          table.rows.push(event.columns.map((column) => column[r] ?? null))
          table.numbers.push(event.rowNumbers[r] ?? 0)
        }
    }),
  )
  return [...tables.values()]
})

/** What the format says of a file by this name. */
export const detect = Effect.fnUntraced(function* (content: string | Uint8Array, name = "file", declared?: string) {
  const format = yield* csv().decode
  const bytes = bytesOf(content)
  return format.detects({
    name,
    declared,
    mediaType: undefined,
    size: bytes.length,
    head: bytes.subarray(0, 65_536),
    tail: bytes.subarray(-4096),
    members: undefined,
    siblings: [],
  })
})

/** The members of a ZIP file, by its central directory. */
const members = (zip: Buffer): Readonly<Record<string, Buffer>> => {
  const end = zip.lastIndexOf("PK\u0005\u0006", undefined, "latin1")
  const found: Record<string, Buffer> = {}
  for (let at = zip.readUInt32LE(end + 16), n = zip.readUInt16LE(end + 10); n > 0; n--) {
    const [nameLength, extra, comment, local] = [
      zip.readUInt16LE(at + 28),
      zip.readUInt16LE(at + 30),
      zip.readUInt16LE(at + 32),
      zip.readUInt32LE(at + 42),
    ]
    const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28)
    const data = zip.subarray(start, start + zip.readUInt32LE(at + 20))
    found[zip.toString("utf8", at + 46, at + 46 + nameLength)] =
      zip.readUInt16LE(at + 10) === 0 ? data : inflateRawSync(data)
    at += 46 + nameLength + extra + comment
  }
  return found
}

const fixtures = new URL("../../../fixtures/", import.meta.url)

/** A file of the corpus, unpacked, or a member of it. */
export const corpus = (path: string, member?: string): Buffer => {
  const bytes = readFileSync(new URL(`corpus/${path}`, fixtures))
  if (member !== undefined) return members(bytes)[member] ?? Buffer.alloc(0)
  return path.endsWith(".gz") ? gunzipSync(bytes) : bytes
}

/** What Python's own library reads in a file of the corpus (`fixtures/golden/README.md`). */
export interface Golden {
  readonly file: string
  readonly member?: string
  readonly encoding?: string
  readonly rows: number
  readonly columns: ReadonlyArray<{
    readonly name: string
    readonly type: string
    readonly nonNull: number
    readonly sha256: string
    readonly missingWords?: Readonly<Record<string, number>>
  }>
  readonly wrappedRows?: ReadonlyArray<number>
  readonly unclosedRows?: ReadonlyArray<number>
}

export const golden = (path: string): Golden =>
  JSON.parse(readFileSync(new URL(`golden/${path}.json`, fixtures), "utf8")) as Golden
