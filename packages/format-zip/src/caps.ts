/** How much an archive may unfold to, so that a bomb is refused before it fills the disk. */
import { dataQuality, FormatError, type RawFile, type ReadError } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

const count = (value: number) =>
  Schema.Int.check(Schema.isGreaterThan(0)).pipe(Schema.withDecodingDefaultKey(Effect.succeed(value)))

const shared = {
  /** Archives within archives, this one included. */
  maxDepth: count(3),
  /** Bytes of all members, unpacked. */
  maxBytes: count(50_000_000_000),
  /** Unpacked over packed size of one member, looked at beyond 10 MB. Real files reach 46; deflate itself ends at 1,032. */
  maxRatio: count(200),
}

/** Options of `zip`. */
export const ZipOptions = Schema.Struct({ /** Entries, directories included. */ maxEntries: count(10_000), ...shared })
export type ZipOptions = typeof ZipOptions.Type

/** Options of `gzip`. */
export const GzipOptions = Schema.Struct(shared)
export type GzipOptions = typeof GzipOptions.Type

/** Small members may shrink as much as they like: a table of zeros does. In bytes. */
export const RATIO_FLOOR = 10_000_000

const MEMBER = "!"

/** The identity of a member: the archive's, then the member. `!` in a name is escaped, so that the signs count the archives around it. */
export const memberIdentity = (archive: string, name: string): string =>
  `${archive}${MEMBER}${name.replaceAll("%", "%25").replaceAll(MEMBER, "%21")}`

/** How many archives a file lies in. */
export const depthOf = (file: RawFile): number => file.identity.split(MEMBER).length - 1

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
