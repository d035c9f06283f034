/** The laws of how a format takes its bytes: no more than asked for, none kept, all given back. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { setImmediate as turn } from "node:timers/promises"
import type { Format } from "../../contracts/format.ts"
import type { FormatLawOptions } from "./law-options.ts"
import { claim, claimEqual, held, type Law, skipped } from "../law.ts"
import { cut, type Watched, watchedFile } from "../memory-file.ts"
import { liveMemory } from "./live-memory.ts"
import { claimClosed, encode, inWorkFolder } from "./reading.ts"

const CHUNK = 16_384
const ROWS = 200_000
/** Chunks that make a file large enough to see what is read too early. */
const MANY = 64
/** Bytes that a reading may hold at its end and not at its start, whatever the file. */
const SLACK = 4_194_304

const batches = (format: Format, watched: Watched) =>
  Stream.filter(format.read(watched.file), (event) => event._tag === "Batch")

const sizeOf = (chunks: ReadonlyArray<Uint8Array>): number => chunks.reduce((sum, { length }) => sum + length, 0)

/** Waits until nothing is read any more, without the consumer asking. */
const quiet = async (watched: Watched): Promise<void> => {
  for (let same = 0, last = -1; same < 50; same++) {
    await turn()
    if (watched.pulled() !== last) same = 0
    last = watched.pulled()
  }
}

/** The laws of the flow of bytes. */
export const flowLaws = (format: Promise<Format>, options: FormatLawOptions): ReadonlyArray<Law> => {
  const biggest = options.samples.toSorted((a, b) => encode(b.bytes).length - encode(a.bytes).length)[0]
  const chunksOf = (rows: number): ReadonlyArray<Uint8Array> | undefined => {
    const bytes = options.large?.(rows) ?? biggest?.bytes
    return bytes === undefined ? undefined : cut(encode(bytes), [CHUNK])
  }
  const name = biggest?.name ?? "large"
  const tooSmall = (chunks: ReadonlyArray<Uint8Array> | undefined): chunks is undefined =>
    chunks === undefined || (options.large === undefined && chunks.length < MANY)
  const noLarge = skipped("no large file was given to the kit")

  return [
    {
      name: "stopping early closes the file",
      run: async () => {
        const chunks = chunksOf(50_000)
        if (chunks === undefined) return skipped("no file was given to the kit")
        const watched = watchedFile(name, chunks)
        const plugin = await format
        const { left } = await inWorkFolder((provide) =>
          Effect.runPromise(provide(Stream.runDrain(Stream.take(batches(plugin, watched), 1)))),
        )
        await claimClosed(watched, "after the first batch")
        claimEqual(left, [], "files left in the work folder")
        return held(`${watched.pulled()} chunks read`)
      },
    },
    {
      name: "an interrupted reading leaves nothing",
      run: async () => {
        const chunks = chunksOf(50_000)
        if (chunks === undefined) return skipped("no file was given to the kit")
        const watched = watchedFile(name, chunks)
        const plugin = await format
        const interrupted = Effect.gen(function* () {
          const begun = yield* Deferred.make<void>()
          const reading = yield* Effect.forkChild(
            Stream.runForEach(batches(plugin, watched), () =>
              Effect.andThen(Deferred.succeed(begun, undefined), Effect.never),
            ),
          )
          yield* Effect.raceFirst(Deferred.await(begun), Fiber.await(reading))
          yield* Fiber.interrupt(reading)
        })
        const { left } = await inWorkFolder((provide) => Effect.runPromise(provide(interrupted)))
        await claimClosed(watched, "interrupted after the first batch")
        claimEqual(left, [], "files left in the work folder")
        return held()
      },
    },
    {
      name: "reads no further than it must",
      run: async () => {
        const chunks = chunksOf(ROWS)
        if (tooSmall(chunks)) return noLarge
        const watched = watchedFile(name, chunks)
        let after = Number.POSITIVE_INFINITY
        let passes = 0
        const size = sizeOf(chunks)
        const counted: Watched = {
          ...watched,
          file: {
            ...watched.file,
            bytes: (range) => {
              if (range === undefined || (range.start === 0 && (range.end ?? size) >= size)) passes++
              return watched.file.bytes(range)
            },
          },
        }
        await Effect.runPromise(
          Stream.runForEach(Stream.take(batches(await format, counted), 1), () =>
            Effect.sync(() => {
              after = watched.pulled()
            }),
          ),
        )
        // A first pass over the whole file (to decide its encoding) is allowed; gathering the rows of the whole file is not.
        const most = (passes > 1 ? chunks.length : 0) + chunks.length / 2
        claim(
          after <= most,
          `${after} of ${chunks.length} chunks were read before the first batch, in ${passes} pass(es)`,
        )
        return held(`${after} chunks of ${chunks.length} before the first batch, ${passes} pass(es)`)
      },
    },
    {
      name: "a slow consumer holds the reader",
      run: async () => {
        const chunks = chunksOf(ROWS)
        if (tooSmall(chunks)) return noLarge
        const watched = watchedFile(name, chunks)
        let ahead = 0
        await Effect.runPromise(
          Stream.runForEach(Stream.take(batches(await format, watched), 2), () =>
            Effect.promise(async () => {
              const before = watched.pulled()
              await quiet(watched)
              ahead = Math.max(ahead, watched.pulled() - before)
            }),
          ),
        )
        claim(
          ahead <= chunks.length / 4,
          `${ahead} of ${chunks.length} chunks were read while the consumer held a batch`,
        )
        return held(`${ahead} chunks of ${chunks.length} ahead`)
      },
    },
    {
      name: "holds no more memory at the end of a file than at its start",
      run: async () => {
        const chunks = chunksOf(ROWS)
        if (tooSmall(chunks)) return noLarge
        const watched = watchedFile(name, chunks)
        const size = sizeOf(chunks)
        let seen = 0
        let first = 0
        let last = 0
        await Effect.runPromise(
          Stream.runForEach(batches(await format, watched), () =>
            Effect.sync(() => {
              seen++
              if (seen === 2) first = liveMemory()
              // At every power of two: the last one is in the second half, and a collection costs.
              else if (seen > 2 && Number.isInteger(Math.log2(seen))) last = Math.max(last, liveMemory())
            }),
          ),
        )
        if (last === 0) return skipped(`the large file is only ${seen} batch(es)`)
        const grown = last - first
        claim(
          grown <= SLACK + size / 8,
          `${Math.round(grown / 1e6)} MB more are held after the last of ${seen} batches than after the second, of a file of ${Math.round(size / 1e6)} MB`,
        )
        return held(
          `${Math.max(0, Math.round(grown / 1e5) / 10)} MB more after ${seen} batches of a file of ${Math.round(size / 1e5) / 10} MB`,
        )
      },
    },
  ]
}
