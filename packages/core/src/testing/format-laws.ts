/** The laws of formats. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { Engine, type Typing } from "../contracts/engine.ts"
import { LakeError } from "../contracts/errors.ts"
import { terminal } from "../contracts/reason.ts"
import type { Format } from "../contracts/format.ts"
import type { Configured } from "../contracts/plugin.ts"
import type { TypedTable } from "../contracts/typed-table.ts"
import { probeOf } from "../pipeline/resolve.ts"
import { collectTables } from "./collect-tables.ts"
import { claim, claimEqual, held, type Law, skipped } from "./law.ts"
import { identityLaw, misconfiguredLaw } from "./plugin-laws.ts"
import { cut, seededSizes, watchedFile } from "./memory-file.ts"

/** A file that the format reads. `rows`, by table, are what another tool or a person reads in it; objects by the file's column names. */
export interface FormatSample {
  readonly name: string
  readonly bytes: Uint8Array | string
  readonly rows?: Readonly<Record<string, ReadonlyArray<Readonly<Record<string, unknown>>>>>
}

/** What the kit runs a format on. */
export interface FormatLawOptions {
  readonly format: Configured<Format>
  readonly samples: ReadonlyArray<FormatSample>
  /** A well-formed file of about this many rows, for the laws of laziness and early stop. */
  readonly large?: (rows: number) => Uint8Array | string
  /** A file whose column names are these: hostile names must come through as they are. */
  readonly named?: (names: ReadonlyArray<string>) => Uint8Array | string
  /** Columns that the format adds to those of the file. */
  readonly ownColumns?: ReadonlyArray<string>
  /** The format with options that are wrong in two places. */
  readonly misconfigured?: Configured<Format>
  /** A damaged file that the format must refuse or reject from. */
  readonly damaged?: ReadonlyArray<FormatSample>
  /** The engine, to compare both paths of a format with `relations`. */
  readonly engine?: Layer.Layer<Engine, unknown>
}

const encode = (bytes: Uint8Array | string): Uint8Array =>
  typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes

const asText: Typing = { types: "text", tolerance: 1, pinned: () => undefined, atLeast: () => undefined }
const found: Typing = { ...asText, types: "auto", tolerance: 0.999 }

const foreign: ReadonlyArray<readonly [string, Uint8Array]> = [
  ["an empty file", new Uint8Array(0)],
  [
    "a PNG picture",
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52, 0, 0, 1, 0),
  ],
  ["a PDF", encode("%PDF-1.7\n%\u00e2\u00e3\n1 0 obj\n<< /Type /Catalog >>\nendobj\n")],
]

const hostileNames = ["__proto__", "constructor", 'a"b', "a'; drop table x; --", "Œuvre €", "  ", "toString", "select"]

const typedRows = Effect.fnUntraced(function* (table: TypedTable) {
  const batches = yield* Stream.runCollect(table.batches())
  return {
    name: table.name,
    columns: table.columns.map((column) => [column.original, column.type]),
    rowRejects: table.rowRejects,
    cellRejects: table.cellRejects,
    rows: batches.flatMap((batch) =>
      Array.from({ length: batch.size }, (_, r) => batch.columns.map((column) => column[r] ?? null)),
    ),
  }
})

/** The laws that every format keeps, over the given samples. */
export const formatLaws = (options: FormatLawOptions): ReadonlyArray<Law> => {
  const format = Effect.runPromise(options.format.decode)
  format.catch(() => undefined)

  const reading = async (sample: FormatSample, sizes: ReadonlyArray<number>) => {
    const { file } = watchedFile(sample.name, cut(encode(sample.bytes), sizes))
    return Effect.runPromise(collectTables((await format).read(file)))
  }
  const whole = (sample: FormatSample) => reading(sample, [encode(sample.bytes).length])

  const perSample = options.samples.flatMap((sample): ReadonlyArray<Law> => [
    {
      name: `${sample.name}: is recognised by its bytes`,
      run: async () => {
        const { file } = watchedFile(sample.name, [encode(sample.bytes)])
        const probe = await Effect.runPromise(probeOf(file, undefined))
        const confidence = (await format).detects(probe)
        claim(confidence > 0 && confidence <= 1, `detects gave ${confidence}`)
        return held(`confidence ${confidence}`)
      },
    },
    {
      name: `${sample.name}: gives the rows that another reading gives`,
      run: async () => {
        if (sample.rows === undefined) return skipped("the sample does not say its rows")
        const tables = await whole(sample)
        for (const [name, rows] of Object.entries(sample.rows)) {
          const table = tables[name]
          claim(table !== undefined, `no table "${name}"; there are ${Object.keys(tables).join(", ")}`)
          claimEqual(
            table.rows.map((row) => Object.fromEntries(table.columns.map((column, c) => [column, row[c]]))),
            rows,
            `rows of "${name}"`,
          )
        }
        return held()
      },
    },
    {
      name: `${sample.name}: gives the same rows however its bytes are cut`,
      run: async () => {
        const expected = await whole(sample)
        const length = encode(sample.bytes).length
        const cuts = [
          ...(length <= 100_000 ? [[1], [2], [3]] : []),
          ...[1, 2, 3].map((seed) => seededSizes(seed, 4_096, Math.min(4_096, Math.max(2, length)))),
        ]
        for (const sizes of cuts)
          claimEqual(await reading(sample, sizes), expected, `cut in chunks of ${sizes.slice(0, 4).join(", ")}…`)
        return held(`${cuts.length} ways to cut ${length} bytes`)
      },
    },
    {
      name: `${sample.name}: an error of the bytes passes through unchanged`,
      run: async () => {
        const chunks = cut(encode(sample.bytes), [64])
        const error = new LakeError({ plugin: "kit", operation: "read", message: "the disk failed", reason: terminal })
        const { file, open } = watchedFile(sample.name, chunks, {
          failAt: { chunk: Math.floor(chunks.length / 2), error },
        })
        const exit = await Effect.runPromiseExit(collectTables((await format).read(file)))
        claim(Exit.isFailure(exit), "the reading succeeded although its bytes failed")
        claimEqual(Cause.squash(exit.cause) === error, true, "the error is the one of the bytes")
        claimEqual(open(), 0, "streams left open")
        return held()
      },
    },
    {
      name: `${sample.name}: both ways of reading agree`,
      run: async () => {
        const plugin = await format
        const { engine } = options
        if (plugin.relations === undefined) return skipped("the format has only `read`")
        if (engine === undefined) return skipped("no engine was given to the kit")
        const { relations } = plugin
        const { file } = watchedFile(sample.name, [encode(sample.bytes)])
        return Effect.runPromise(
          Effect.scoped(
            Effect.provide(
              Effect.gen(function* () {
                const service = yield* Engine
                const fast = yield* relations(file)
                if (fast === undefined) return skipped("the format declines the fast way for this sample")
                for (const typing of [asText, found]) {
                  const left = yield* service.typeRelations(fast, typing)
                  if (left === undefined) return held("the engine refused the fast way: `read` is used")
                  const right = yield* service.typeEvents(plugin.read(file), typing)
                  claimEqual(
                    yield* Effect.forEach(left, typedRows),
                    yield* Effect.forEach(right, typedRows),
                    `relations against read, types ${typing.types}`,
                  )
                }
                return held("relations and read gave the same typed rows")
              }),
              engine,
            ),
          ),
        )
      },
    },
  ])

  return [
    {
      name: "says no to what is not its own",
      run: async () => {
        for (const [what, head] of foreign) {
          const { file } = watchedFile("file.bin", [head])
          const confidence = (await format).detects(await Effect.runPromise(probeOf(file, undefined)))
          claim(confidence <= 0.1, `${what} was recognised with confidence ${confidence}`)
        }
        return held()
      },
    },
    identityLaw(options.format, () => format.then((plugin) => plugin.fingerprint)),
    misconfiguredLaw(options.misconfigured),
    ...perSample,
    {
      name: "stopping early closes the file",
      run: async () => {
        const { large } = options
        if (large === undefined) return skipped("no large file was given to the kit")
        const watched = watchedFile("large", cut(encode(large(50_000)), [16_384]))
        await Effect.runPromise(
          Stream.runDrain(
            Stream.take(
              Stream.filter((await format).read(watched.file), (event) => event._tag === "Batch"),
              1,
            ),
          ),
        )
        claimEqual(watched.open(), 0, "streams left open after the first batch")
        return held(`${watched.pulled()} chunks read`)
      },
    },
    {
      name: "reads no further than it must",
      run: async () => {
        const { large } = options
        if (large === undefined) return skipped("no large file was given to the kit")
        const chunks = cut(encode(large(200_000)), [16_384])
        const watched = watchedFile("large", chunks)
        let after = Number.POSITIVE_INFINITY
        const plugin = await format
        let passes = 0
        await Effect.runPromise(
          Stream.runForEach(
            Stream.take(
              Stream.filter(
                plugin.read({
                  ...watched.file,
                  bytes: (range) => {
                    if (range === undefined) passes++
                    return watched.file.bytes(range)
                  },
                }),
                (event) => event._tag === "Batch",
              ),
              1,
            ),
            () =>
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
      name: "hostile column names come through as they are",
      run: async () => {
        const { named } = options
        if (named === undefined) return skipped("the kit was not told how to name columns")
        const tables = await whole({ name: "named", bytes: named(hostileNames) })
        const [table] = Object.values(tables)
        const columns = table?.columns.filter((name) => options.ownColumns?.includes(name) !== true)
        claimEqual(
          columns?.map((name) => name.trim()),
          hostileNames.map((name) => name.trim()),
          "column names",
        )
        return held()
      },
    },
    {
      name: "damage is an error or a reject, never silence",
      run: async () => {
        const { damaged } = options
        if (damaged === undefined || damaged.length === 0) return skipped("no damaged file was given to the kit")
        for (const sample of damaged) {
          const { file } = watchedFile(sample.name, cut(encode(sample.bytes), [1_000]))
          const exit = await Effect.runPromiseExit(collectTables((await format).read(file)))
          if (Exit.isSuccess(exit)) {
            const rejects = Object.values(exit.value).flatMap((table) => table.rejects)
            claim(rejects.length > 0, `${sample.name}: damaged, read without an error or a reject`)
            claim(
              rejects.every((reject) => reject.raw !== ""),
              `${sample.name}: a reject without its raw text`,
            )
          } else {
            const error: unknown = Cause.squash(exit.cause)
            claim(
              typeof error === "object" && error !== null && "_tag" in error && error._tag === "FormatError",
              `${sample.name}: ended in ${String(error)}, not in a FormatError`,
            )
          }
        }
        return held(`${damaged.length} damaged file(s)`)
      },
    },
  ]
}
