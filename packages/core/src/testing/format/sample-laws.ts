/** The laws that are run on each sample of a format. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Layer from "effect/Layer"
import type { Engine } from "../../contracts/engine.ts"
import { LakeError } from "../../contracts/errors.ts"
import type { Format } from "../../contracts/format.ts"
import { terminal } from "../../contracts/reason.ts"
import type { Cell } from "../../contracts/table.ts"
import { probeOf } from "../../pipeline/read/resolve.ts"
import { collectTables } from "../collect-tables.ts"
import type { FormatSample } from "./law-options.ts"
import { claim, claimEqual, held, type Law, type LawOutcome, skipped } from "../law.ts"
import { cut, seededSizes, watchedFile } from "../memory-file.ts"
import { compareBothWays } from "./both-ways.ts"
import { encode, endingOf, readTables, recordsOf, rejectsOf, type Tables } from "./reading.ts"

/** Up to this many bytes a sample is also handed out byte by byte. */
const SMALL = 100_000

/** Where a sample is cut short: in the middle of things, and just before its end. */
const cutsOf = (length: number): ReadonlyArray<number> =>
  [
    ...new Set(
      [0.03, 0.2, 0.5, 0.8, 0.97].map((part) => Math.floor(length * part)).concat(length - 3, length - 2, length - 1),
    ),
  ].filter((at) => at > 0 && at < length)

const isLineEnd = (byte: number): boolean => byte === 10 || byte === 13

/** The laws of one sample. */
export const sampleLaws = (
  format: Promise<Format>,
  sample: FormatSample,
  engine: Layer.Layer<Engine, unknown> | undefined,
): ReadonlyArray<Law> => {
  const bytes = encode(sample.bytes)
  const reading = async (sizes: ReadonlyArray<number>): Promise<Tables> =>
    readTables(await format, watchedFile(sample.name, cut(bytes, sizes)))
  const whole = () => reading([bytes.length])
  const law = (name: string, run: () => Promise<LawOutcome>): Law => ({ name, subject: sample.name, run })

  return [
    law("is recognised by its bytes", async () => {
      const { file } = watchedFile(sample.name, [bytes])
      const confidence = (await format).detects(await Effect.runPromise(probeOf(file, undefined)))
      claim(confidence > 0 && confidence <= 1, `detects gave ${confidence}`)
      return held(`confidence ${confidence}`)
    }),
    law("gives the rows that another reading gives", async () => {
      if (sample.rows === undefined) return skipped("the sample does not say its rows")
      const tables = await whole()
      for (const [name, rows] of Object.entries(sample.rows)) {
        const only = name === "*"
        claim(!only || Object.keys(tables).length === 1, `${Object.keys(tables).length} tables instead of one`)
        const table = only ? Object.values(tables)[0] : tables[name]
        claim(table !== undefined, `no table "${name}"; there are ${Object.keys(tables).join(", ")}`)
        const cell = (value: Cell | undefined) =>
          only && value !== undefined && value !== null && typeof value !== "object" ? String(value) : value
        claimEqual(
          table.rows.map((row) => Object.fromEntries(table.columns.map((column, c) => [column, cell(row[c])]))),
          rows,
          `rows of "${name}"`,
        )
      }
      return held()
    }),
    law("gives the same rows however its bytes are cut", async () => {
      const expected = await whole()
      const cuts = [
        ...(bytes.length <= SMALL ? [[1], [2], [3]] : []),
        ...[1, 2, 3].map((seed) => seededSizes(seed, 4_096, Math.min(4_096, Math.max(2, bytes.length)))),
      ]
      for (const sizes of cuts)
        claimEqual(await reading(sizes), expected, `cut in chunks of ${sizes.slice(0, 4).join(", ")}…`)
      return held(`${cuts.length} ways to cut ${bytes.length} bytes`)
    }),
    law("an error of the bytes passes through unchanged", async () => {
      const chunks = cut(bytes, [64])
      const error = new LakeError({ plugin: "kit", operation: "read", message: "the disk failed", reason: terminal })
      const { file } = watchedFile(sample.name, chunks, { failAt: { chunk: Math.floor(chunks.length / 2), error } })
      const exit = await Effect.runPromiseExit(collectTables((await format).read(file)))
      claim(Exit.isFailure(exit), "the reading succeeded although its bytes failed")
      claimEqual(Cause.squash(exit.cause) === error, true, "the error is the one of the bytes")
      return held()
    }),
    law("cut short, it says so, or gives every record that is there", async () => {
      const all = await whole()
      let errors = 0
      let positions = 0
      let rejects = 0
      const cuts = cutsOf(bytes.length)
      for (const at of cuts) {
        const ending = await endingOf(
          await format,
          watchedFile(sample.name, [bytes.subarray(0, at)]),
          `cut at byte ${at}`,
        )
        if (ending._tag === "Refused") {
          errors++
          if (ending.error.position !== undefined) positions++
        } else if (rejectsOf(ending.tables) > rejectsOf(all)) rejects++
        else {
          // Nothing was said, so at most the records behind the cut may be missing. As many as lines end there; the end of the line that was
          // cut does not count, unless it was cut where it began.
          const begun = isLineEnd(bytes[at - 1] ?? 0) ? 1 : 0
          const behind = bytes
            .subarray(at)
            .filter((byte, n, rest) => isLineEnd(byte) && n < rest.length - 1 + begun).length
          claim(
            recordsOf(ending.tables) >= recordsOf(all) - behind,
            `cut at byte ${at} of ${bytes.length}: ${recordsOf(ending.tables)} of ${recordsOf(all)} records, ${behind} line ends behind the cut, and not a word`,
          )
        }
      }
      return held(
        `${cuts.length} cuts: ${errors} error(s), ${positions} of them with the place, ${rejects} with rejects, ${cuts.length - errors - rejects} that no reader can see`,
      )
    }),
    law("both ways of reading agree", async () => {
      const plugin = await format
      if (plugin.relations === undefined) return skipped("the format has only `read`")
      if (engine === undefined) return skipped("no engine was given to the kit")
      return Effect.runPromise(Effect.provide(compareBothWays(plugin, watchedFile(sample.name, [bytes]).file), engine))
    }),
  ]
}
