/** How much a file may unfold to, archives within archives included, so that a bomb is refused before it fills the disk. */
import { dataQuality, FormatError, type RawFile, type ReadError } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

const count = (value: number) =>
  Schema.Int.check(Schema.isGreaterThan(0)).pipe(Schema.withDecodingDefaultKey(Effect.succeed(value)))

const depth = {
  /** Archives within archives, this one included; a `.tar.gz` is two. */
  maxDepth: count(4),
}
const entries = {
  /** Entries, folders included, of the outermost archive and all archives within it. */
  maxEntries: count(10_000),
}
const bytes = {
  /** Bytes of all members of the outermost archive and of all archives within it, unpacked. */
  maxBytes: count(50_000_000_000),
}
const ratio = {
  /** Unpacked over packed size of one member, looked at beyond 10 MB. Real files reach 46; deflate itself ends at 1,032. */
  maxRatio: count(200),
}

/** Options of `zip`. */
export const ZipOptions = Schema.Struct({ ...depth, ...entries, ...bytes, ...ratio })
export type ZipOptions = typeof ZipOptions.Type

/** Options of `tar`, which does not compress. */
export const TarOptions = Schema.Struct({ ...depth, ...entries })
export type TarOptions = typeof TarOptions.Type

/** Options of `gzip`, `bzip2` and `zstd`. */
export const CompressedOptions = Schema.Struct({ ...depth, ...bytes, ...ratio })
export type CompressedOptions = typeof CompressedOptions.Type

/** Small members may shrink as much as they like: a table of zeros does. In bytes. */
export const RATIO_FLOOR = 10_000_000

const MEMBER = "!"

/** The identity of a member: the archive's, then the member. `!` in a name is escaped, so that the signs count the archives around it. */
export const memberIdentity = (archive: string, name: string): string =>
  `${archive}${MEMBER}${name.replaceAll("%", "%25").replaceAll(MEMBER, "%21")}`

const depthOf = (file: RawFile): number => file.identity.split(MEMBER).length - 1

/** Whether something thrown is an error of ours already: one of the file around, or a cap. */
export const isReadError = (cause: unknown): cause is ReadError => {
  const tag = (cause as { readonly _tag?: unknown } | null | undefined)?._tag
  return tag === "FormatError" || tag === "LakeError"
}

/** A refusal that names the option to raise. */
export const capError = (plugin: string, file: string, what: string, option: string): FormatError =>
  new FormatError({
    plugin,
    operation: "expand",
    reason: dataQuality,
    message: `${file}: ${what}; refused as a possible bomb. If the file is known to be sound, raise the option "${option}" of ${plugin}`,
  })

/** Fails when `file` lies in too many archives to be opened. */
export const checkDepth = (plugin: string, file: RawFile, maxDepth: number): Effect.Effect<void, FormatError> =>
  depthOf(file) < maxDepth
    ? Effect.void
    : Effect.fail(capError(plugin, file.name, `it lies in ${depthOf(file)} archives`, "maxDepth"))

/** What the archives of one outermost file hold, by the identity of each. */
type Ledger = Map<string, number>
interface Ledgers {
  readonly entries: Ledger
  readonly bytes: Ledger
}
const ledgers = new WeakMap<RawFile, Ledgers>()

const ledgersOf = (file: RawFile): Ledgers => {
  const known = ledgers.get(file) ?? { entries: new Map(), bytes: new Map() }
  ledgers.set(file, known)
  return known
}

/** Counts a member against the caps of the archive that it lies in. */
export const countWith = (archive: RawFile, member: RawFile): RawFile => {
  ledgers.set(member, ledgersOf(archive))
  return member
}

/** Notes what an archive holds and gives the sum over all archives of its outermost file. Noted again, it counts once. */
export const note = (archive: RawFile, what: "entries" | "bytes", amount: number): number => {
  const ledger = ledgersOf(archive)[what]
  ledger.set(archive.identity, amount)
  let sum = 0
  for (const one of ledger.values()) sum += one
  return sum
}
