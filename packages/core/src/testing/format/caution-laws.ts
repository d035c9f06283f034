/** The laws of what comes from strangers: bytes of any kind, names chosen to hurt, damage, secrets. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Format } from "../../contracts/format.ts"
import type { Probe } from "../../contracts/probe.ts"
import { probeOf } from "../../pipeline/read/resolve.ts"
import type { FormatLawOptions } from "./law-options.ts"
import { fuzz, inWords } from "../fuzz/fuzz.ts"
import { mutate } from "../fuzz/mutate.ts"
import { seeded } from "../fuzz/random.ts"
import { claim, claimEqual, held, type Law, skipped } from "../law.ts"
import { cut, watchedFile } from "../memory-file.ts"
import { checkAnyBytes } from "./fuzz-format.ts"
import { distinctOnceFolded, hostileNames } from "./hostile-names.ts"
import { encode, endingOf, readTables, rejectsOf } from "./reading.ts"

const HEAD = 65_536
/** CPU milliseconds that `detects` may take for one file: it sees 68 KiB at most, and a run asks every plugin about every file. */
const DETECTION = 2_000

/** Larger samples are not damaged: each copy of them is read whole. In bytes. */
const LARGEST_FUZZED = 200_000

const foreign: ReadonlyArray<readonly [what: string, head: Uint8Array]> = [
  ["an empty file", new Uint8Array(0)],
  [
    "a PNG picture",
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52, 0, 0, 1, 0),
  ],
  ["a PDF", encode("%PDF-1.7\n%\u00e2\u00e3\n1 0 obj\n<< /Type /Catalog >>\nendobj\n")],
]

/** Heads that make a careless detection take for ever: much of one thing, and of what opens something that nothing closes. */
const adverse: ReadonlyArray<Uint8Array> = [
  "\0",
  "\n",
  " ",
  '"',
  ";",
  "a",
  "<",
  "[",
  "{",
  '{"a":',
  "<a>",
  '"";',
  "\u00ff",
  ",\n",
  "a a",
].map((unit) => Buffer.alloc(HEAD, unit, "latin1"))

const probed = (name: string, head: Uint8Array): Promise<Probe> =>
  Effect.runPromise(probeOf(watchedFile(name, [head]).file, undefined))

/** Everything that a format says about a file, errors included, as text. */
const saidAbout = async (format: Format, name: string, bytes: Uint8Array): Promise<string> => {
  const said: Array<unknown> = [format.options]
  const exit = await Effect.runPromiseExit(
    Stream.runForEach(format.read(watchedFile(name, [bytes]).file), (event) =>
      Effect.sync(() => {
        if (event._tag !== "Batch") said.push(event)
      }),
    ),
  )
  return `${JSON.stringify(said)} ${JSON.stringify(exit)} ${String(exit)}`
}

/** The laws of caution. */
export const cautionLaws = (format: Promise<Format>, options: FormatLawOptions): ReadonlyArray<Law> => [
  {
    name: "says no to what is not its own",
    run: async () => {
      for (const [what, head] of foreign) {
        const confidence = (await format).detects(await probed("file.bin", head))
        claim(confidence <= 0.1, `${what} was recognised with confidence ${confidence}`)
      }
      return held()
    },
  },
  {
    name: "detects within its budget, whatever the bytes",
    run: async () => {
      const { detects } = await format
      const samples = options.samples.map(({ bytes }) => encode(bytes).subarray(0, HEAD))
      const mutants =
        samples.length === 0
          ? []
          : Array.from({ length: 100 }, (_, seed) => mutate(seeded(seed), { corpus: samples, most: HEAD }))
      let longest = 0
      for (const head of [...adverse, ...mutants]) {
        const probe = await probed("file.bin", head)
        const before = process.cpuUsage()
        const confidence = detects(probe)
        const { system, user } = process.cpuUsage(before)
        longest = Math.max(longest, (user + system) / 1_000)
        const start = JSON.stringify(Buffer.from(head.subarray(0, 40)).toString("latin1"))
        claim(confidence >= 0 && confidence <= 1, `detects gave ${confidence} for ${start}…`)
        claimEqual(detects(probe), confidence, `detects, asked again about ${start}…`)
        claim(
          longest <= DETECTION,
          `detects took ${Math.round(longest)} ms for ${head.length} bytes that begin ${start}`,
        )
      }
      return held(`${adverse.length + mutants.length} heads of up to 64 KiB`)
    },
  },
  {
    name: "hostile column names come through as they are",
    run: async () => {
      const { named } = options
      if (named === undefined) return skipped("the kit was not told how to name columns")
      const names = options.foldsNames === true ? distinctOnceFolded(hostileNames) : hostileNames
      const tables = await readTables(await format, watchedFile("named", [encode(named(names))]))
      const [table] = Object.values(tables)
      const columns = table?.columns.filter((name) => options.ownColumns?.includes(name) !== true)
      claimEqual(
        columns?.map((name) => name.trim()),
        names.map((name) => name.trim()),
        "column names",
      )
      return held(`${names.length} names`)
    },
  },
  {
    name: "damage is an error or a reject, never silence",
    run: async () => {
      const { damaged } = options
      if (damaged === undefined || damaged.length === 0) return skipped("no damaged file was given to the kit")
      for (const { bytes, name } of damaged) {
        const ending = await endingOf(await format, watchedFile(name, cut(encode(bytes), [1_000])), name)
        if (ending._tag === "Refused") continue
        claim(rejectsOf(ending.tables) > 0, `${name}: damaged, read without an error or a reject`)
        const silent = Object.values(ending.tables).some(({ rejects }) => rejects.some(({ raw }) => raw === ""))
        claim(!silent, `${name}: a reject without its raw text`)
      }
      return held(`${damaged.length} damaged file(s)`)
    },
  },
  {
    name: "damaged copies are rows and rejects, or a typed error",
    run: async () => {
      const corpus = options.samples.map(({ bytes }) => encode(bytes)).filter(({ length }) => length <= LARGEST_FUZZED)
      const [sample] = options.samples
      if (sample === undefined || corpus.length === 0)
        return skipped("no sample of less than 200 kB was given to the kit")
      const plugin = await format
      const tally = await fuzz({
        corpus,
        runs: options.fuzzed ?? 50,
        check: (bytes, random) => checkAnyBytes(plugin, sample.name, { bytes }, random, true),
      })
      return held(inWords(tally))
    },
  },
  {
    name: "tells no secret",
    run: async () => {
      if (options.secret === undefined) return skipped("no secret was given to the kit")
      const { format: configured, text } = options.secret
      const plugin = await Effect.runPromise(configured.decode)
      const files = [...options.samples, ...(options.damaged ?? [])]
      for (const { bytes, name } of files)
        claim(
          !(await saidAbout(plugin, name, encode(bytes))).includes(text),
          `${name}: the secret is in what the format says of it`,
        )
      return held(`${files.length} file(s)`)
    },
  },
]
