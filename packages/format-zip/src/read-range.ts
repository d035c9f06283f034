import type { FileHandle } from "node:fs/promises"

const CHUNK_BYTES = 262_144

/** The bytes of a file from `start` to before `end`, read as they are asked for; throws when the file ends before. */
export async function* readRange(handle: FileHandle, start: number, end: number): AsyncGenerator<Uint8Array> {
  for (let at = start; at < end;) {
    const length = Math.min(CHUNK_BYTES, end - at)
    const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(length), 0, length, at)
    if (bytesRead === 0) throw new Error("the archive is cut short")
    yield bytesRead === length ? buffer : buffer.subarray(0, bytesRead)
    at += bytesRead
  }
}
