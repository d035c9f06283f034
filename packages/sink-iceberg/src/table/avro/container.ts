/** Avro object container files: a schema, attributes, blocks of records. Written with deflate, read with deflate, zstandard and null. */
import { randomBytes } from "node:crypto"
import { deflateRawSync, inflateRawSync, zstdDecompressSync } from "node:zlib"
import { Reader, readValue } from "./decode.ts"
import { encodeValues } from "./encode.ts"
import { type AvroSchema, namedTypes } from "./schema.ts"

const MAGIC = Buffer.from("Obj\u0001", "latin1")
const BLOCK_RECORDS = 2000
const noNames = new Map<string, AvroSchema>()

/** What a container file holds. */
export interface AvroFile<Record> {
  readonly schema: AvroSchema
  /** The attributes of its header, `avro.*` left out. */
  readonly attributes: Readonly<{ [name: string]: string }>
  readonly records: ReadonlyArray<Record>
}

const inflate = (block: Buffer, codec: string): Uint8Array => {
  if (codec === "null") return block
  if (codec === "deflate") return inflateRawSync(block)
  if (codec === "zstandard") return zstdDecompressSync(block)
  throw new RangeError(`Avro: the codec "${codec}" is not known; null, deflate and zstandard are`)
}

/** Writes a file. `sync` marks the ends of blocks: 16 bytes, random unless a test wants the same bytes twice. */
export const writeAvro = (file: AvroFile<unknown>, sync: Uint8Array = randomBytes(16)): Buffer => {
  const names = namedTypes(file.schema)
  const header = {
    "avro.schema": JSON.stringify(file.schema),
    "avro.codec": "deflate",
    ...file.attributes,
  }
  const parts: Array<Uint8Array> = [
    MAGIC,
    encodeValues(
      { type: "map", values: "bytes" },
      [Object.fromEntries(Object.entries(header).map(([name, text]) => [name, Buffer.from(text)]))],
      noNames,
    ),
    sync,
  ]
  for (let at = 0; at < file.records.length; at += BLOCK_RECORDS) {
    const records = file.records.slice(at, at + BLOCK_RECORDS)
    const block = deflateRawSync(encodeValues(file.schema, records, names))
    parts.push(encodeValues("long", [records.length], noNames), encodeValues("bytes", [block], noNames), sync)
  }
  return Buffer.concat(parts)
}

/** Reads a file. Throws a RangeError when it is damaged. */
export const readAvro = <Record>(bytes: Uint8Array): AvroFile<Record> => {
  const input = new Reader(bytes)
  if (!input.raw(4).equals(MAGIC)) throw new RangeError("Avro: not a container file")
  const header = readValue(input, { type: "map", values: "bytes" }, noNames) as Readonly<{ [name: string]: Buffer }>
  const sync = input.raw(16)
  const schema = JSON.parse(header["avro.schema"]?.toString("utf8") ?? "null") as AvroSchema
  const codec = header["avro.codec"]?.toString("utf8") ?? "null"
  const names = namedTypes(schema)
  const records: Array<Record> = []
  while (!input.isAtEnd) {
    const count = input.count()
    const block = new Reader(inflate(input.block(), codec))
    for (let left = count; left > 0; left--) records.push(readValue(block, schema, names) as Record)
    if (!input.raw(16).equals(sync)) throw new RangeError("Avro: a block does not end with the mark of the file")
  }
  return {
    schema,
    attributes: Object.fromEntries(
      Object.entries(header)
        .filter(([name]) => !name.startsWith("avro."))
        .map(([name, value]) => [name, value.toString("utf8")]),
    ),
    records,
  }
}
