/** Readings of a format under observation, which its laws judge. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { mkdtemp, readdir, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout } from "node:timers/promises"
import type { FormatError, ReadError } from "../../contracts/errors.ts"
import type { Format } from "../../contracts/format.ts"
import { WorkFolder } from "../../contracts/work-folder.ts"
import { collectTables, type ReadTable } from "../collect-tables.ts"
import { claim, claimEqual } from "../law.ts"
import type { Watched } from "../memory-file.ts"

/** A file by its name and its bytes, text as UTF-8. */
export interface NamedBytes {
  readonly name: string
  readonly bytes: Uint8Array | string
}

export const encode = (bytes: Uint8Array | string): Uint8Array =>
  typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes

export type Tables = Readonly<Record<string, ReadTable>>

/** What a format made of a file: its tables, or the error that it ended in. */
export type Ending =
  | { readonly _tag: "Read"; readonly tables: Tables }
  | { readonly _tag: "Refused"; readonly error: FormatError }

/** The tables that a format reads in a file; fails as the format does. */
export const readTables = (format: Format, watched: Watched): Promise<Tables> =>
  Effect.runPromise(collectTables(format.read(watched.file)))

/** The error of a failed exit; breaks the law when it is no `FormatError` that says something. */
export const formatErrorOf = (exit: Exit.Exit<unknown, ReadError>, what: string): FormatError => {
  claim(Exit.isFailure(exit), `${what}: no error`)
  const error: unknown = Cause.squash(exit.cause)
  const typed = typeof error === "object" && error !== null && "_tag" in error && error._tag === "FormatError"
  claim(typed && !Cause.hasDies(exit.cause), `${what}: ended in ${inWords(error)}, not in a FormatError`)
  const failure = error as FormatError
  claim(failure.message.length > 10, `${what}: the error says only "${failure.message}"`)
  return failure
}

/** Milliseconds in which the system closes what was given back: its own threads do it. */
const CLOSING = 2_000

/** Breaks the law when something of a file stays open. */
export const claimClosed = async (watched: Watched, what: string): Promise<void> => {
  for (const until = Date.now() + CLOSING; watched.open() > 0 && Date.now() < until;) await setTimeout(5)
  claimEqual(watched.open(), 0, `${what}: streams, copies and descriptors left open`)
}

const inWords = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message).split("\n").slice(0, 4).join(" ") : String(error)

/** Reads to the end, or to a `FormatError`; anything else, and a stream or a local copy that stays open, breaks the law. */
export const endingOf = async (format: Format, watched: Watched, what: string): Promise<Ending> => {
  const exit = await Effect.runPromiseExit(collectTables(format.read(watched.file)))
  const broken = Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
  if (broken instanceof Error && broken.name === "LawBroken") throw broken
  await claimClosed(watched, what)
  return Exit.isSuccess(exit)
    ? { _tag: "Read", tables: exit.value }
    : { _tag: "Refused", error: formatErrorOf(exit, what) }
}

/** Rejects over all tables. */
export const rejectsOf = (tables: Tables): number =>
  Object.values(tables).reduce((sum, table) => sum + table.rejects.length, 0)

/** Rows and rejected rows over all tables: the records. */
export const recordsOf = (tables: Tables): number =>
  Object.values(tables).reduce(
    (sum, table) => sum + table.rows.length + table.rejects.filter((reject) => reject.column === undefined).length,
    0,
  )

/** Runs with a work folder of its own, and tells what was left in it. */
export const inWorkFolder = async <A>(
  run: (provide: <B, E>(effect: Effect.Effect<B, E>) => Effect.Effect<B, E>) => Promise<A>,
): Promise<{ readonly result: A; readonly left: ReadonlyArray<string> }> => {
  const folder = await mkdtemp(join(tmpdir(), "odh-law-work-"))
  try {
    const result = await run((effect) => Effect.provideService(effect, WorkFolder, folder))
    return { result, left: await readdir(folder, { recursive: true }) }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
