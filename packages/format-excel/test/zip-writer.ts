/** Writes small zips, sound or not. */
import { crc32, deflateRawSync } from "node:zlib"

export interface Part {
  readonly name: string
  readonly content: string | Uint8Array
  /** What the directory says, when it lies. */
  readonly size?: number
  readonly crc?: number
  /** 0: stored. */
  readonly method?: number
}

export const writeZip = (parts: ReadonlyArray<Part>): Buffer => {
  const bytes: Array<Buffer> = []
  const directory: Array<Buffer> = []
  let at = 0
  for (const { name, content, size, crc, method = 8 } of parts) {
    const plain = typeof content === "string" ? Buffer.from(content) : Buffer.from(content)
    const packed = method === 8 ? deflateRawSync(plain) : plain
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt16LE(0x800, 2)
    common.writeUInt16LE(method, 4)
    common.writeUInt32LE(crc ?? crc32(plain), 10)
    common.writeUInt32LE(packed.length, 14)
    common.writeUInt32LE(size ?? plain.length, 18)
    common.writeUInt16LE(Buffer.byteLength(name), 22)
    const tail = Buffer.alloc(14)
    tail.writeUInt32LE(at, 10)
    directory.push(Buffer.from("PK\x01\x02\x14\x00", "latin1"), common, tail, Buffer.from(name))
    const local = [Buffer.from("PK\x03\x04", "latin1"), common, Buffer.from(name), packed]
    bytes.push(...local)
    at += local.reduce((sum, { length }) => sum + length, 0)
  }
  const central = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.write("PK\x05\x06", 0, "latin1")
  end.writeUInt16LE(parts.length, 8)
  end.writeUInt16LE(parts.length, 10)
  end.writeUInt32LE(central.length, 12)
  end.writeUInt32LE(at, 16)
  return Buffer.concat([...bytes, central, end])
}
