/** The zip around a workbook: its parts by name, unpacked while they are read, guarded against bombs. */
import { crc32, createInflateRaw } from "node:zlib"
import { type Entry, openPromise, type ZipFile } from "yauzl"
import type { Options } from "../options.ts"
import { damaged, passwordProtected, tooLarge, WorkbookProblem } from "../problem.ts"

type Caps = Pick<Options, "maxBytes" | "maxRatio">

/** Parts of one workbook: a sheet, its drawings and comments are each a part. */
const MOST_PARTS = 50_000
/** Small parts may shrink as much as they like: a table of zeros does. In bytes. */
const RATIO_FLOOR = 10_000_000
const CHUNK_BYTES = 65_536

/** An open workbook. Part names are compared without case, `\` is `/`: programs differ. */
export interface Archive {
  readonly names: ReadonlyArray<string>
  readonly has: (name: string) => boolean
  /** Unpacks one part; ends only when its size and checksum agree. Can be called again. */
  readonly unpack: (name: string) => AsyncGenerator<Uint8Array>
  readonly close: () => void
}

const keyOf = (name: string): string => name.replaceAll("\\", "/").replace(/^\/+/, "").toLowerCase()

const readDirectory = async (zip: ZipFile): Promise<ReadonlyMap<string, Entry>> => {
  const entries = new Map<string, Entry>()
  for await (const entry of zip.eachEntry()) {
    if (entries.size >= MOST_PARTS) throw damaged(`it has more than ${MOST_PARTS} parts`)
    const key = keyOf(entry.fileNameRaw.toString("utf8"))
    if (!entries.has(key)) entries.set(key, entry)
  }
  return entries
}

async function* unpackEntry(
  zip: ZipFile,
  entry: Entry,
  name: string,
  caps: Caps,
  spend: (size: number) => void,
): AsyncGenerator<Uint8Array> {
  if (entry.isEncrypted()) throw passwordProtected()
  const method = entry.compressionMethod
  if (method !== 0 && method !== 8)
    throw new WorkbookProblem(`${name} is packed by method ${method}`, "ask its publisher to save the workbook again")
  const packed = await zip.openReadStreamPromise(entry, { decodeFileData: false })
  const unpacked = method === 0 ? packed : packed.pipe(createInflateRaw({ chunkSize: CHUNK_BYTES }))
  if (unpacked !== packed) packed.on("error", (error) => unpacked.destroy(error))
  let size = 0
  let checksum = 0
  try {
    for await (const chunk of unpacked as AsyncIterable<Buffer>) {
      size += chunk.length
      spend(size)
      if (size > RATIO_FLOOR && size > entry.compressedSize * caps.maxRatio)
        throw tooLarge(`${name}: ${entry.compressedSize} bytes unpack to more than ${size}`, "maxRatio")
      if (size > entry.uncompressedSize)
        throw damaged(`${name} has more bytes than the ${entry.uncompressedSize} of the directory`)
      checksum = crc32(chunk, checksum)
      yield chunk
    }
  } finally {
    packed.destroy()
    unpacked.destroy()
  }
  if (size !== entry.uncompressedSize)
    throw damaged(`${name} has ${size} bytes where the directory says ${entry.uncompressedSize}`)
  if (checksum !== entry.crc32) throw damaged(`the checksum (CRC-32) of ${name} is not that of its bytes`)
}

/** Opens the workbook at `path`; the caller closes it. */
export const openArchive = async (path: string, caps: Caps): Promise<Archive> => {
  const zip = await openPromise(path, { autoClose: false, decodeStrings: false, validateEntrySizes: false })
  // A part that is read twice counts once.
  const sizes = new Map<Entry, number>()
  let spent = 0
  const spend = (entry: Entry, size: number): void => {
    const before = sizes.get(entry) ?? 0
    if (size <= before) return
    sizes.set(entry, size)
    spent += size - before
    if (spent > caps.maxBytes) throw tooLarge(`it unpacks to more than ${caps.maxBytes} bytes`, "maxBytes")
  }
  try {
    const entries = await readDirectory(zip)
    return {
      names: [...entries.keys()],
      has: (name) => entries.has(keyOf(name)),
      unpack: (name) => {
        const entry = entries.get(keyOf(name))
        if (entry === undefined) throw damaged(`its part ${name} is missing`)
        return unpackEntry(zip, entry, name, caps, (size) => spend(entry, size))
      },
      close: () => zip.close(),
    }
  } catch (error) {
    zip.close()
    throw error
  }
}
