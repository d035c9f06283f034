/** What must hold of a container on any bytes whatever. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { MinimumLogLevel } from "effect/References"
import * as Stream from "effect/Stream"
import type { Container } from "../../contracts/format.ts"
import type { Configured } from "../../contracts/plugin.ts"
import { probeOf } from "../../pipeline/read/resolve.ts"
import { claimClosed, formatErrorOf, inWorkFolder } from "../format/reading.ts"
import { fuzz, type FuzzOptions, type FuzzTally } from "../fuzz/fuzz.ts"
import type { Random } from "../fuzz/random.ts"
import { claim, claimEqual } from "../law.ts"
import { cut, seededSizes, watchedFile } from "../memory-file.ts"

/** A container, and the sound archives whose damaged copies it is given. */
export interface ContainerFuzzOptions extends Omit<FuzzOptions, "check"> {
  readonly container: Configured<Container>
  /** What the archives are called: `file.zip`. */
  readonly name: string
  /** Bytes that the container is allowed to unpack, over all members: its own cap. */
  readonly mostUnpacked: number
}

const leavesTheRoot = (name: string): boolean =>
  name === "" || /^[/\\]|^[a-z]:|\0/i.test(name) || name.split(/[/\\]/).includes("..")

/** Without the warnings that a damaged file deserves. */
const quietly = Effect.provideService(MinimumLogLevel, "None")

/** Checks one archive of any bytes: members within the root and the caps, or a typed error; nothing left open or on disk. */
const checkArchive = async (options: ContainerFuzzOptions, container: Container, bytes: Uint8Array, random: Random) => {
  const sizes = random.int(2) === 0 ? [65_536] : seededSizes(random.int(1_000_000), 512, random.of([7, 512, 4_096]))
  const watched = watchedFile(options.name, cut(bytes, sizes))
  const confidence = container.detects(await Effect.runPromise(probeOf(watched.file, undefined)))
  claim(confidence >= 0 && confidence <= 1, `detects gave ${confidence}`)
  const identities: Array<string> = []
  let unpacked = 0
  const readAll = Stream.runForEach(container.expand(watched.file), (member) => {
    if ("why" in member)
      return Effect.sync(() => claim(member.why !== "", `${member.name} was left out without a word`))
    claim(!leavesTheRoot(member.name), `a member is called ${JSON.stringify(member.name)}`)
    identities.push(member.identity)
    return Stream.runForEach(member.bytes(), (chunk) =>
      Effect.sync(() => {
        unpacked += chunk.length
        claim(unpacked <= options.mostUnpacked, `more than ${options.mostUnpacked} bytes unpacked`)
      }),
    )
  })
  const { left, result } = await inWorkFolder((provide) =>
    Effect.runPromiseExit(provide(quietly(Effect.scoped(readAll)))),
  )
  await claimClosed(watched, "a damaged archive")
  claimEqual(left, [], "files left in the work folder")
  claimEqual(new Set(identities).size, identities.length, "distinct identities")
  if (Exit.isFailure(result)) {
    formatErrorOf(result, "a damaged archive")
    return "refused"
  }
  return identities.length === 0 ? "opened, no member" : "opened"
}

/** Fuzzes a container; the tally says how the archives ended. */
export const fuzzContainer = async (options: ContainerFuzzOptions): Promise<FuzzTally> => {
  const container = await Effect.runPromise(options.container.decode)
  return fuzz({ ...options, check: (bytes, random) => checkArchive(options, container, bytes, random) })
}
