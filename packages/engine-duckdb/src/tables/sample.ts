/**
 * A small file that looks like a large one: its head and blocks from all over it, cut at line feeds. Good for formats of one record a line; for
 * others (a JSON array) the query on it fails or gives little, and the head of the real query is taken instead.
 */
import type { Cell, EngineError, ReadError } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { open } from "node:fs/promises"
import type { Connection } from "../database/database.ts"
import { engineError } from "../database/failure.ts"

const HEAD = 256 * 1024
const BLOCK = 32 * 1024
const BLOCKS = 32
/** Up to here, in bytes, the sample is the whole file. */
const SMALL = HEAD + BLOCK * BLOCKS
const CARRIAGE_RETURN = 13
const LINE_FEED = 10

/** `whole`: nothing was left out. */
export interface Sample {
  readonly bytes: Uint8Array
  readonly whole: boolean
}

/** The line end of a file, by its first one: a line feed inside quotes ends no line of a file whose lines end in CR LF. */
const lineEndOf = (head: Uint8Array): Uint8Array => {
  const first = head.indexOf(LINE_FEED)
  return first > 0 && head[first - 1] === CARRIAGE_RETURN
    ? Uint8Array.of(CARRIAGE_RETURN, LINE_FEED)
    : Uint8Array.of(LINE_FEED)
}

const upToLastLine = (bytes: Buffer, lineEnd: Uint8Array): Buffer => {
  const end = bytes.lastIndexOf(lineEnd)
  return end === -1 ? bytes : bytes.subarray(0, end + lineEnd.length)
}

const fullLines = (bytes: Buffer, lineEnd: Uint8Array): Buffer => {
  const start = bytes.indexOf(lineEnd)
  return start === -1 ? bytes.subarray(0, 0) : upToLastLine(bytes.subarray(start + lineEnd.length), lineEnd)
}

/** The sample of a file on disk: about 1.3 MB, whatever its size. */
export const sampleFile = (path: string): Effect.Effect<Sample, EngineError> =>
  Effect.tryPromise({
    try: async () => {
      const file = await open(path)
      try {
        const { size } = await file.stat()
        const read = async (start: number, length: number): Promise<Buffer> => {
          const bytes = Buffer.alloc(length)
          const { bytesRead } = await file.read(bytes, 0, length, start)
          return bytes.subarray(0, bytesRead)
        }
        if (size <= SMALL) return { bytes: await read(0, size), whole: true }
        const head = await read(0, HEAD)
        const lineEnd = lineEndOf(head)
        const parts = [upToLastLine(head, lineEnd)]
        const stride = (size - HEAD - BLOCK) / (BLOCKS - 1)
        for (let block = 0; block < BLOCKS; block++)
          parts.push(fullLines(await read(Math.floor(HEAD + block * stride), BLOCK), lineEnd))
        return { bytes: Buffer.concat(parts), whole: false }
      } finally {
        await file.close()
      }
    },
    catch: (cause) => engineError("sample", "read a sample of the file", cause),
  })

/** The sample of a stream: its head. */
export const sampleStream = (bytes: Stream.Stream<Uint8Array, ReadError>): Effect.Effect<Sample, ReadError> =>
  Effect.map(
    Effect.map(
      Stream.runCollect(
        Stream.takeUntil(
          Stream.map(Stream.rechunk(bytes, 1), (chunk) => Uint8Array.from(chunk)),
          (
            (seen) => (chunk: Uint8Array) =>
              (seen += chunk.length) >= SMALL
          )(0),
        ),
      ),
      (chunks) => Buffer.concat(chunks),
    ),
    (head) =>
      head.length >= SMALL
        ? { bytes: upToLastLine(head.subarray(0, SMALL), lineEndOf(head)), whole: false }
        : { bytes: head, whole: true },
  )

/** Rows of the head when the format cannot be sampled by bytes, fewer for wide tables. */
export const headRows = (width: number): number => Math.max(200, Math.floor(200_000 / Math.max(width, 1)))

/** The rows of a query as columns. */
export const sampleRows = (
  connection: Connection,
  query: string,
  width: number,
): Effect.Effect<ReadonlyArray<ReadonlyArray<Cell>>, EngineError> => {
  const names = Array.from({ length: width }, (_, index) => `r${index}`)
  return Effect.map(connection.all(`select ${names.join(", ")} from (${query})`, "read a sample"), (rows) =>
    names.map((name) => rows.map((row) => row[name] ?? null)),
  )
}
