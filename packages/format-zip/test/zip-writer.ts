/** Writes small zips, sound or not: what no real tool writes on purpose. */
import { crc32, deflateRawSync } from "node:zlib"

export interface Written {
  readonly name: string | Uint8Array
  readonly content?: string | Uint8Array
  readonly flags?: number
  readonly method?: number
  /** The content as it stands in the archive, for methods that this writer does not know. */
  readonly packed?: Uint8Array
  /** What the directory says, when it lies. */
  readonly crc?: number
  readonly size?: number
  readonly attributes?: number
  /** The local header of an earlier entry instead of an own one. */
  readonly sharesWith?: number
}

export const writeZip = (entries: ReadonlyArray<Written>): Buffer => {
  const parts: Array<Buffer> = []
  const offsets: Array<number> = []
  const directory: Array<Buffer> = []
  let at = 0
  const push = (bytes: Buffer): void => {
    parts.push(bytes)
    at += bytes.length
  }
  for (const entry of entries) {
    const name = Buffer.from(entry.name as string)
    const content = Buffer.from((entry.content ?? "") as string)
    const method = entry.method ?? 8
    const packed = Buffer.from(entry.packed ?? (method === 8 ? deflateRawSync(content) : content))
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt16LE(entry.flags ?? 0, 2)
    common.writeUInt16LE(method, 4)
    common.writeUInt32LE(entry.crc ?? crc32(content), 10)
    common.writeUInt32LE(packed.length, 14)
    common.writeUInt32LE(entry.size ?? content.length, 18)
    common.writeUInt16LE(name.length, 22)
    const offset = entry.sharesWith === undefined ? at : (offsets[entry.sharesWith] ?? 0)
    offsets.push(offset)
    if (entry.sharesWith === undefined) for (const part of [Buffer.from("PK\x03\x04"), common, name, packed]) push(part)
    const tail = Buffer.alloc(14)
    tail.writeUInt32LE(entry.attributes ?? 0, 6)
    tail.writeUInt32LE(offset, 10)
    directory.push(Buffer.from("PK\x01\x02\x14\x00"), common, tail, name)
  }
  const start = at
  for (const part of directory) push(part)
  const end = Buffer.alloc(22)
  end.write("PK\x05\x06", 0, "latin1")
  end.writeUInt16LE(entries.length, 8)
  end.writeUInt16LE(entries.length, 10)
  end.writeUInt32LE(at - start, 12)
  end.writeUInt32LE(start, 16)
  push(end)
  return Buffer.concat(parts)
}
