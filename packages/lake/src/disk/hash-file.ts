import { createHash } from "node:crypto"
import { createReadStream } from "node:fs"
import { pipeline } from "node:stream/promises"

/** The SHA-256 of a file of this machine, in hexadecimal, and its size in bytes. Rejects when it cannot be read. */
export const hashFile = async (path: string): Promise<{ readonly sha256: string; readonly bytes: number }> => {
  const hash = createHash("sha256")
  const stream = createReadStream(path, { highWaterMark: 1024 * 1024 })
  await pipeline(stream, hash)
  return { sha256: hash.digest("hex"), bytes: stream.bytesRead }
}
