/** What must hold of a format on any bytes whatever. */
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import type { Engine } from "../../contracts/engine.ts"
import type { Format } from "../../contracts/format.ts"
import type { Configured } from "../../contracts/plugin.ts"
import type { RawFile } from "../../contracts/raw-file.ts"
import { probeOf } from "../../pipeline/read/resolve.ts"
import { collectTables } from "../collect-tables.ts"
import { fuzz, type FuzzOptions, type FuzzTally } from "../fuzz/fuzz.ts"
import type { Random } from "../fuzz/random.ts"
import { claim, claimEqual } from "../law.ts"
import { cut, seededSizes, watchedFile, type Watched } from "../memory-file.ts"
import { compareBothWays, compareThroughEngine } from "./both-ways.ts"
import { endingOf, recordsOf, rejectsOf, type Tables } from "./reading.ts"

/** A format, and the sound files whose damaged copies it is given. */
export interface FormatFuzzOptions extends Omit<FuzzOptions, "check"> {
  readonly format: Configured<Format>
  /** What the files are called: `file.csv`. */
  readonly name: string
  /** Records without a cell are counted and left out: the numbers of rows and rejects may have gaps. */
  readonly blankRecords?: boolean
  /** Puts damaged bytes where they belong: into an archive, beside a sound file. Left out: they are the file. */
  readonly place?: (bytes: Uint8Array) => PlacedBytes
  /** The engine, and for one file in how many both ways of reading are compared through it. */
  readonly engine?: { readonly layer: Layer.Layer<Engine, unknown>; readonly oneIn: number }
}

/** A file, and the other files of its bundle. */
export interface PlacedBytes {
  readonly bytes: Uint8Array
  readonly siblings?: ReadonlyArray<RawFile>
}

/** Bytes that may be read for each byte of a file, over all passes, and besides. */
const PASSES = 6
const SLACK = 1_048_576

/** Rows in = rows out + row rejects: the numbers of both, together, are those of the records. */
const claimEveryRecord = (tables: Tables): void => {
  for (const [name, table] of Object.entries(tables)) {
    const numbers = [
      ...table.rowNumbers,
      ...table.rejects.filter((reject) => reject.column === undefined).map((reject) => reject.row),
    ].toSorted((a, b) => a - b)
    const gap = numbers.findIndex((number, at) => number !== at + 1)
    claim(
      gap === -1,
      `table "${name}": record ${gap + 1} is neither a row nor a reject, or is both (${numbers.slice(Math.max(0, gap - 2), gap + 3).join(", ")})`,
    )
  }
}

/** Checks one file of any bytes: a typed error or rows, all records told, a bounded number of bytes read, nothing left open. */
export const checkAnyBytes = async (
  format: Format,
  name: string,
  { bytes, siblings = [] }: PlacedBytes,
  random: Random,
  blankRecords = false,
): Promise<string> => {
  const sizes = random.int(2) === 0 ? [65_536] : seededSizes(random.int(1_000_000), 512, random.of([7, 512, 4_096]))
  const watchedIn = (chunks: ReadonlyArray<Uint8Array>): Watched => {
    const watched = watchedFile(name, chunks)
    return { ...watched, file: { ...watched.file, siblings } }
  }
  const watched = watchedIn(cut(bytes, sizes))
  const confidence = format.detects(await Effect.runPromise(probeOf(watched.file, undefined)))
  claim(confidence >= 0 && confidence <= 1, `detects gave ${confidence}`)
  const ending = await endingOf(format, watched, "a damaged file")
  const most = PASSES * bytes.length + SLACK
  claim(watched.bytesRead() <= most, `${watched.bytesRead()} bytes read of a file of ${bytes.length}`)
  if (ending._tag === "Refused") return "refused"
  if (!blankRecords) claimEveryRecord(ending.tables)
  if (random.int(4) === 0) {
    const again = await endingOf(format, watchedIn([bytes]), "the same file in one chunk")
    claimEqual(again, ending, `the same file in one chunk, and in chunks of ${sizes.slice(0, 6).join(", ")}`)
  }
  if (rejectsOf(ending.tables) > 0) return "read with rejects"
  return recordsOf(ending.tables) === 0 ? "read, no record" : "read"
}

/** Fuzzes a format; the tally says how the files ended, and how many went both ways through the engine. */
export const fuzzFormat = async (options: FormatFuzzOptions): Promise<FuzzTally> => {
  const format = await Effect.runPromise(options.format.decode)
  const { engine, name, place = (bytes: Uint8Array): PlacedBytes => ({ bytes }) } = options
  const runtime = engine === undefined ? undefined : ManagedRuntime.make(engine.layer)
  const through = { "through the engine": 0, "both ways": 0 }
  const throughEngine = Effect.fnUntraced(function* ({ bytes, siblings = [] }: PlacedBytes) {
    const file = { ...watchedFile(name, [bytes]).file, siblings }
    yield* compareThroughEngine(format, file, yield* collectTables(format.read(file)))
    through["through the engine"]++
    if ((yield* compareBothWays(format, file))._tag === "Held") through["both ways"]++
  })
  try {
    const tally = await fuzz({
      ...options,
      check: async (damaged, random) => {
        const bytes = place(damaged)
        const outcome = await checkAnyBytes(format, name, bytes, random, options.blankRecords)
        if (engine !== undefined && outcome !== "refused" && random.int(engine.oneIn) === 0)
          await runtime?.runPromise(throughEngine(bytes))
        return outcome
      },
    })
    return engine === undefined ? tally : { ...tally, ...through }
  } finally {
    await runtime?.dispose()
  }
}
