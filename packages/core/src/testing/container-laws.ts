/** The laws of containers. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { createHash } from "node:crypto"
import type { Container } from "../contracts/format.ts"
import type { Configured } from "../contracts/plugin.ts"
import { probeOf } from "../pipeline/read/resolve.ts"
import { claim, claimEqual, held, type Law, skipped } from "./law.ts"
import { cut, seededSizes, watchedFile } from "./memory-file.ts"
import { fuzzContainer } from "./container/fuzz-container.ts"
import { claimClosed, formatErrorOf, inWorkFolder } from "./format/reading.ts"
import { inWords } from "./fuzz/fuzz.ts"
import { identityLaw, misconfiguredLaw } from "./plugin-laws.ts"

/** An archive. `members`: name and sha256 (hexadecimal) of what another tool finds in it, the members that are left out excepted. */
export interface ContainerSample {
  readonly name: string
  readonly bytes: Uint8Array
  readonly members?: Readonly<Record<string, string>>
}

/** What the kit runs a container on. */
export interface ContainerLawOptions {
  readonly container: Configured<Container>
  readonly samples: ReadonlyArray<ContainerSample>
  readonly damaged?: ReadonlyArray<{ readonly name: string; readonly bytes: Uint8Array }>
  readonly misconfigured?: Configured<Container>
  /** Words that must all be told of those options, where two errors may be one issue. */
  readonly wrongWords?: ReadonlyArray<string>
  /** Archives to damage for the law of damaged copies (50). */
  readonly fuzzed?: number
  /** Bytes that the container unpacks of one archive at most, over all members (1 GiB). */
  readonly mostUnpacked?: number
}

/** The laws that every container keeps, over the given samples. */
export const containerLaws = (options: ContainerLawOptions): ReadonlyArray<Law> => {
  const container = Effect.runPromise(options.container.decode)
  container.catch(() => undefined)

  const hashes = (name: string, chunks: ReadonlyArray<Uint8Array>) => {
    const watched = watchedFile(name, chunks)
    const members: Record<string, string> = {}
    const identities: Array<string> = []
    const effect = Effect.scoped(
      Effect.gen(function* () {
        const plugin = yield* Effect.promise(() => container)
        yield* Stream.runForEach(plugin.expand(watched.file), (member) => {
          if ("why" in member) return Effect.void
          const hash = createHash("sha256")
          identities.push(member.identity)
          return Effect.map(
            Stream.runForEach(member.bytes(), (chunk) =>
              Effect.sync(() => {
                hash.update(chunk)
              }),
            ),
            () => {
              members[member.name] = hash.digest("hex")
            },
          )
        })
      }),
    )
    return { effect, members, identities, open: watched.open }
  }

  return [
    identityLaw(options.container, () => container.then((plugin) => plugin.fingerprint)),
    misconfiguredLaw(options.misconfigured, options.wrongWords),
    ...options.samples.flatMap((sample): ReadonlyArray<Law> => [
      {
        name: "is recognised by its bytes",
        subject: sample.name,
        run: async () => {
          const confidence = (await container).detects(
            await Effect.runPromise(probeOf(watchedFile("file.csv", [sample.bytes]).file, "csv")),
          )
          claim(confidence >= 0.5, `detects gave ${confidence} for an archive named file.csv`)
          return held(`confidence ${confidence}`)
        },
      },
      {
        name: "holds the members that another tool finds",
        subject: sample.name,
        run: async () => {
          if (sample.members === undefined) return skipped("the sample does not say its members")
          for (const sizes of [[sample.bytes.length], seededSizes(7, 4_096, 4_096)]) {
            const found = hashes(sample.name, cut(sample.bytes, sizes))
            await Effect.runPromise(found.effect)
            claimEqual(Object.entries(found.members).toSorted(), Object.entries(sample.members).toSorted(), "members")
            claimEqual(new Set(found.identities).size, found.identities.length, "distinct identities")
            claimEqual(found.open(), 0, "streams left open")
          }
          return held(`${Object.keys(sample.members).length} member(s)`)
        },
      },
      {
        name: "a member can be read twice, and from the middle",
        subject: sample.name,
        run: async () => {
          const { file } = watchedFile(sample.name, [sample.bytes])
          await Effect.runPromise(
            Effect.scoped(
              Effect.gen(function* () {
                const plugin = yield* Effect.promise(() => container)
                yield* Stream.runForEach(plugin.expand(file), (member) => {
                  if ("why" in member) return Effect.void
                  return Effect.gen(function* () {
                    const all = Buffer.concat(yield* Stream.runCollect(member.bytes()))
                    const middle = Math.floor(all.length / 2)
                    const part = Buffer.concat(
                      yield* Stream.runCollect(member.bytes({ start: middle, end: middle + 100 })),
                    )
                    claimEqual(
                      part.equals(all.subarray(middle, middle + 100)),
                      true,
                      `bytes from the middle of ${member.name}`,
                    )
                    claimEqual(member.size === undefined || member.size === all.length, true, `size of ${member.name}`)
                  })
                })
              }),
            ),
          )
          return held()
        },
      },
      {
        name: "cut short is an error",
        subject: sample.name,
        run: async () => {
          const short = sample.bytes.subarray(0, Math.floor(sample.bytes.length * 0.6))
          formatErrorOf(
            await Effect.runPromiseExit(hashes(sample.name, [short]).effect),
            "an archive that was cut short",
          )
          return held()
        },
      },
      {
        name: "leaves nothing open and nothing on the disk, read to the end or stopped early",
        subject: sample.name,
        run: async () => {
          for (const members of [1, Number.POSITIVE_INFINITY]) {
            const watched = watchedFile(sample.name, cut(sample.bytes, [16_384]))
            const plugin = await container
            const spooled = Effect.scoped(
              Stream.runForEach(Stream.take(plugin.expand(watched.file), members), (member) =>
                "why" in member
                  ? Effect.void
                  : Effect.andThen(Effect.scoped(member.local), Stream.runDrain(Stream.take(member.bytes(), 1))),
              ),
            )
            const { left } = await inWorkFolder((provide) => Effect.runPromise(provide(spooled)))
            await claimClosed(watched, `after ${members} member(s)`)
            claimEqual(left, [], "files left in the work folder")
          }
          return held()
        },
      },
    ]),
    {
      name: "damaged copies are members within the root and the caps, or a typed error",
      run: async () => {
        const corpus = options.samples.map(({ bytes }) => bytes).filter(({ length }) => length <= 200_000)
        const [sample] = options.samples
        if (sample === undefined || corpus.length === 0)
          return skipped("no sample of less than 200 kB was given to the kit")
        const tally = await fuzzContainer({
          container: options.container,
          name: sample.name,
          corpus,
          most: Number.POSITIVE_INFINITY,
          mostUnpacked: options.mostUnpacked ?? 1_073_741_824,
          runs: options.fuzzed ?? 50,
        })
        return held(inWords(tally))
      },
    },
    {
      name: "damaged archives are errors",
      run: async () => {
        if (options.damaged === undefined || options.damaged.length === 0)
          return skipped("no damaged archive was given to the kit")
        for (const { bytes, name } of options.damaged)
          formatErrorOf(await Effect.runPromiseExit(hashes(name, [bytes]).effect), name)
        return held(`${options.damaged.length} archive(s)`)
      },
    },
  ]
}
