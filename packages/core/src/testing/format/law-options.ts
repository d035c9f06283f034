/** What the kit runs a format on. */
import type * as Layer from "effect/Layer"
import type { Engine } from "../../contracts/engine.ts"
import type { Format } from "../../contracts/format.ts"
import type { Configured } from "../../contracts/plugin.ts"
import type { NamedBytes } from "./reading.ts"

/**
 * A file that the format reads. `rows`, by table, are what another tool or a person reads in it; objects by the
 * file's column names. Under `*` they are those of the only table, whatever its name, and cells are compared as text.
 */
export interface FormatSample extends NamedBytes {
  readonly rows?: Readonly<Record<string, ReadonlyArray<Readonly<Record<string, unknown>>>>>
}

/** A format, and what its laws need: a law that lacks something is skipped with the reason. */
export interface FormatLawOptions {
  readonly format: Configured<Format>
  readonly samples: ReadonlyArray<FormatSample>
  /** A well-formed file of about this many rows, for the laws of laziness, memory and early stop. */
  readonly large?: (rows: number) => Uint8Array | string
  /** A file whose column names are these: hostile names must come through as they are. */
  readonly named?: (names: ReadonlyArray<string>) => Uint8Array | string
  /** Two names of such a file differ by more than case. */
  readonly foldsNames?: boolean
  /** Columns that the format adds to those of the file. */
  readonly ownColumns?: ReadonlyArray<string>
  /** The format with options that are wrong in two places. */
  readonly misconfigured?: Configured<Format>
  /** Words that must all be told of those options, where two errors may be one issue: the names of unknown options. */
  readonly wrongWords?: ReadonlyArray<string>
  /** A damaged file that the format must refuse or reject from. */
  readonly damaged?: ReadonlyArray<NamedBytes>
  /** A text that must appear nowhere, and the format with an option that holds it: a password. */
  readonly secret?: { readonly text: string; readonly format: Configured<Format> }
  /** Files to damage for the law of damaged copies (50). */
  readonly fuzzed?: number
  /** The engine, to compare both paths of a format with `relations`. */
  readonly engine?: Layer.Layer<Engine, unknown>
}
