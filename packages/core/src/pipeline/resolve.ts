/** From one raw file to the files that hold tables: who can read it, by its bytes first, and what is inside when it is an archive. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { FormatError, type ReadError } from "../contracts/errors.ts"
import { dataQuality } from "../contracts/reason.ts"
import type { Container, Format, SkippedMember } from "../contracts/format.ts"
import type { Probe } from "../contracts/probe.ts"
import type { RawFile } from "../contracts/raw-file.ts"
import { whatTheBytesAre } from "./what-the-bytes-are.ts"

const HEAD_BYTES = 65_536
const TAIL_BYTES = 4_096
const DEEPEST_ARCHIVE = 3

/** The plugins that read files. */
export type Reader = Format | Container

/** A file that a format will read. `member` is its path through the archives, empty for the raw file itself; `readers` who opened it. */
export interface Leaf {
  readonly file: RawFile
  readonly format: Format
  readonly member: string
  readonly readers: ReadonlyArray<Reader>
}

/** What one raw file resolved to. */
export interface Resolved {
  readonly leaves: ReadonlyArray<Leaf>
  readonly skipped: ReadonlyArray<SkippedMember>
}

const collect = Effect.fnUntraced(function* (file: RawFile, start: number, end: number) {
  const parts = yield* Stream.runCollect(file.bytes({ start, end }))
  return Buffer.concat(parts)
})

/** What `detects` may see of a file. The tail is read only where that does not mean reading everything. */
export const probeOf = Effect.fnUntraced(function* (file: RawFile, declared: string | undefined) {
  const head = yield* collect(file, 0, HEAD_BYTES)
  const isMember = file.identity.includes("!")
  const tail =
    file.size === undefined || isMember || file.size <= head.length
      ? new Uint8Array(0)
      : yield* collect(file, Math.max(head.length, file.size - TAIL_BYTES), file.size)
  return {
    name: file.name,
    mediaType: file.mediaType,
    declared,
    size: file.size,
    head,
    tail,
    members: undefined,
    siblings: file.siblings.map((sibling) => sibling.name),
  } satisfies Probe
})

const best = <R extends Reader>(
  probe: Probe,
  readers: ReadonlyArray<R>,
): { readonly reader: R; readonly confidence: number } | undefined => {
  let found: { readonly reader: R; readonly confidence: number } | undefined
  for (const reader of readers) {
    const confidence = reader.detects(probe)
    if (confidence > 0 && confidence > (found?.confidence ?? 0)) found = { reader, confidence }
  }
  return found
}

/** The plugin that reads this file. An archive is looked into, and a format that wants the whole of it goes first. */
export const readerOf = Effect.fnUntraced(function* (
  file: RawFile,
  declared: string | undefined,
  readers: ReadonlyArray<Reader>,
) {
  const probe = yield* probeOf(file, declared)
  const first = best(probe, readers)
  if (first === undefined) {
    const bytes = whatTheBytesAre(probe.head)
    return yield* new FormatError({
      plugin: "core",
      operation: "detect",
      reason: dataQuality,
      message:
        `${file.name}: ${bytes}; no configured format reads it` +
        (declared === undefined ? "" : ` (declared as ${declared})`),
    })
  }
  if (first.reader.kind === "container" && first.reader.members !== undefined) {
    const members = yield* first.reader.members(file)
    const whole = best(
      { ...probe, members },
      readers.filter((reader) => reader.kind === "format"),
    )
    if (whole !== undefined && whole.confidence >= first.confidence) return whole.reader
  }
  return first.reader
})

/** The paths of the files that are parts of a leaf: the siblings that its format reads along with it. */
const partsOf = ({ file, format, member }: Leaf): ReadonlyArray<string> =>
  file.siblings
    .filter(({ name }) => format.companions?.some((extension) => name.toLowerCase().endsWith(extension)) === true)
    .map(({ name }) => `${member.slice(0, member.length - file.name.length)}${name}`)

/** Resolves a raw file to its leaves, through nested archives. A member that nobody reads is skipped with the reason. */
export const resolve = Effect.fnUntraced(function* (
  raw: RawFile,
  declared: string | undefined,
  readers: ReadonlyArray<Reader>,
) {
  const found: Array<Leaf> = []
  const leftOut: Array<SkippedMember> = []

  const visit: (
    file: RawFile,
    member: string,
    hint: string | undefined,
    opened: ReadonlyArray<Reader>,
  ) => Effect.Effect<void, ReadError, Scope.Scope> = Effect.fnUntraced(function* (file, member, hint, opened) {
    const reader = yield* readerOf(file, hint, readers)
    if (reader.kind === "format") {
      found.push({ file, format: reader, member, readers: [...opened, reader] })
      return
    }
    if (opened.length >= DEEPEST_ARCHIVE) {
      leftOut.push({ name: member, why: `archives nested deeper than ${DEEPEST_ARCHIVE}` })
      return
    }
    yield* Stream.runForEach(reader.expand(file), (item) => {
      if ("why" in item)
        return Effect.sync(() => {
          leftOut.push(item)
        })
      const path = member === "" ? item.name : `${member}!${item.name}`
      return visit(item, path, undefined, [...opened, reader]).pipe(
        Effect.catchIf(
          (error) => error.operation === "detect",
          (error) =>
            Effect.sync(() => {
              leftOut.push({ name: path, why: error.message })
            }),
        ),
      )
    })
  })

  yield* visit(raw, "", declared, [])
  const parts = new Set(found.filter(({ member }) => member !== "").flatMap(partsOf))
  const leaves = found.filter(({ member }) => !parts.has(member))
  const skipped = leftOut.filter(({ name }) => !parts.has(name))
  if (leaves.length === 0) {
    return yield* new FormatError({
      plugin: "core",
      operation: "resolve",
      reason: dataQuality,
      message:
        `${raw.name}: nothing in it is data that a configured format reads` +
        skipped
          .slice(0, 5)
          .map((s) => `; ${s.name}: ${s.why}`)
          .join(""),
    })
  }
  // The order of members in an archive is an accident; ours is by name, so that the same content gives the same tables.
  leaves.sort((a, b) => (a.member < b.member ? -1 : a.member > b.member ? 1 : 0))
  return { leaves, skipped } satisfies Resolved
})
