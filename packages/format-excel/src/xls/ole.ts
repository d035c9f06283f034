/** The names of the streams in an OLE container (MS-CFB): what kind of document it holds. */
import { open } from "node:fs/promises"

const MAGIC = Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1])
const ENTRY_BYTES = 128
/** Sectors of the directory that are looked at: a workbook has a handful of streams. */
const MOST_SECTORS = 64
const END_OF_CHAIN = 0xfffffffa

export const isOle = (head: Uint8Array): boolean => MAGIC.every((byte, index) => head[index] === byte)

/** Names in a piece of a directory. */
const namesIn = (directory: Buffer): ReadonlyArray<string> => {
  const names: Array<string> = []
  for (let at = 0; at + ENTRY_BYTES <= directory.length; at += ENTRY_BYTES) {
    const bytes = directory.readUInt16LE(at + 64)
    if (bytes >= 2 && bytes <= 64) names.push(directory.toString("utf16le", at, at + bytes - 2))
  }
  return names
}

/** The names as far as the first bytes of the file show them; empty when the directory lies further on. */
export const streamsInHead = (head: Uint8Array): ReadonlyArray<string> => {
  if (!isOle(head) || head.length < 512) return []
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.length)
  const sector = 2 ** bytes.readUInt16LE(30)
  const at = (bytes.readUInt32LE(48) + 1) * sector
  return namesIn(bytes.subarray(at, at + sector))
}

/** Follows the directory through the first table of sectors, which covers the first megabytes; a directory beyond is read sector by sector. */
export const oleStreams = async (path: string): Promise<ReadonlyArray<string>> => {
  const file = await open(path)
  try {
    const read = async (at: number, size: number): Promise<Buffer> => {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(size), 0, size, at)
      return buffer.subarray(0, bytesRead)
    }
    const header = await read(0, 512)
    if (!isOle(header) || header.length < 512) return []
    const sector = 2 ** Math.min(header.readUInt16LE(30), 12)
    const perSector = sector / 4
    const names: Array<string> = []
    let at = header.readUInt32LE(48)
    for (let n = 0; at < END_OF_CHAIN && n < MOST_SECTORS; n++) {
      names.push(...namesIn(await read((at + 1) * sector, sector)))
      const table = Math.floor(at / perSector)
      if (table >= 109) break
      const tableAt = header.readUInt32LE(76 + table * 4)
      const next = await read((tableAt + 1) * sector + (at % perSector) * 4, 4)
      at = next.length < 4 ? END_OF_CHAIN : next.readUInt32LE(0)
    }
    return names
  } finally {
    await file.close()
  }
}
