import type { ByteRange } from "@opendatahub-sql/core"
import { type FileHandle, open } from "node:fs/promises"

const CHUNK_BYTES = 524_288

/** The bytes of an open file from `start` to before `end`, read as they are asked for; throws when the file ends before. */
export async function* readRange(
  handle: FileHandle,
  { start, end, transient = false }: ByteRange & { readonly end: number },
): AsyncGenerator<Uint8Array> {
  const shared = transient ? new Uint8Array(Math.min(CHUNK_BYTES, Math.max(0, end - start))) : undefined
  for (let at = start; at < end;) {
    const length = Math.min(CHUNK_BYTES, end - at)
    const { bytesRead, buffer } = await handle.read(shared ?? new Uint8Array(length), 0, length, at)
    if (bytesRead === 0) throw new Error("the archive is cut short")
    yield bytesRead === buffer.length ? buffer : buffer.subarray(0, bytesRead)
    at += bytesRead
  }
}

/** The same of a file by its path, to its end when there is none. */
export async function* readFile(path: string, range: ByteRange = { start: 0 }): AsyncGenerator<Uint8Array> {
  const handle = await open(path, "r")
  try {
    const { size } = await handle.stat()
    yield* readRange(handle, { ...range, end: Math.min(range.end ?? size, size) })
  } finally {
    await handle.close()
  }
}
