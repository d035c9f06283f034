/** From one raw file to the files that hold tables: who can read it, by its bytes first, and what is inside when it is an archive. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { FormatError, type HubError, type ReadError } from "../../contracts/errors.ts"
import { dataQuality } from "../../contracts/reason.ts"
import type { Container, Format, SkippedMember } from "../../contracts/format.ts"
import type { Probe } from "../../contracts/probe.ts"
import type { MemberProfile, Profile } from "../../contracts/profile.ts"
import type { RawFile } from "../../contracts/raw-file.ts"
import { whatTheBytesAre } from "./what-the-bytes-are.ts"

const HEAD_BYTES = 65_536
const TAIL_BYTES = 4_096
/** Containers have caps of their own, which the configuration may raise; this one is for those that forgot. */
const DEEPEST_ARCHIVE = 16

/** The plugins that have a part in reading files. */
export type Reader = Format | Container | Profile

/** A file that a format will read. `member` is its path through the archives, empty for the raw file itself; `readers` who opened it. */
export interface Leaf {
  readonly file: RawFile
  readonly format: Format
  readonly member: string
  readonly readers: ReadonlyArray<Reader>
  /** What is known of it by its name in the archive. */
  readonly profile?: MemberProfile
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

const best = <R extends Format | Container>(
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
  const first = best(
    probe,
    readers.filter((reader) => reader.kind !== "profile"),
  )
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

/** The profile that knows an archive by the names of its members. */
const profileOf = (members: ReadonlyArray<string>, readers: ReadonlyArray<Reader>): Profile | undefined => {
  let found: { readonly profile: Profile; readonly confidence: number } | undefined
  for (const reader of readers) {
    if (reader.kind !== "profile") continue
    const confidence = reader.detects(members)
    if (confidence > (found?.confidence ?? 0)) found = { profile: reader, confidence }
  }
  return found?.profile
}

/** The paths of the files that are parts of a leaf: the siblings that its format reads along with it. */
const partsOf = ({ file, format, member }: Leaf): ReadonlyArray<string> =>
  file.siblings
    .filter(({ name }) => format.companions?.some((extension) => name.toLowerCase().endsWith(extension)) === true)
    .map(({ name }) => `${member.slice(0, member.length - file.name.length)}${name}`)

/** Whether an error says that the bytes are bad: it must not hide the other members of an archive. */
export const isBadData = (error: HubError): error is FormatError =>
  error._tag === "FormatError" && error.reason._tag === "DataQuality"

/** Resolves a raw file to its leaves, through nested archives. A member that nobody reads, or that is broken, is skipped with the reason. */
export const resolve = Effect.fnUntraced(function* (
  raw: RawFile,
  declared: string | undefined,
  readers: ReadonlyArray<Reader>,
) {
  const found: Array<Leaf> = []
  const leftOut: Array<SkippedMember> = []
  let broken: FormatError | undefined

  const visit: (
    file: RawFile,
    at: Pick<Leaf, "member" | "readers" | "profile">,
    hint: string | undefined,
  ) => Effect.Effect<void, ReadError, Scope.Scope> = Effect.fnUntraced(function* (file, at, hint) {
    const reader = yield* readerOf(file, hint, readers)
    const opened = [...at.readers, reader]
    if (reader.kind === "format") {
      found.push({ ...at, file, format: reader, readers: opened })
      return
    }
    if (opened.length > DEEPEST_ARCHIVE) {
      leftOut.push({
        name: at.member,
        code: "unreadable-member",
        why: `archives nested deeper than ${DEEPEST_ARCHIVE}`,
      })
      return
    }
    const items = yield* Stream.runCollect(reader.expand(file))
    const profile = profileOf(
      items.map(({ name }) => name),
      readers,
    )
    for (const item of items) {
      const member = at.member === "" ? item.name : `${at.member}!${item.name}`
      if ("why" in item) {
        leftOut.push({ ...item, name: member })
        continue
      }
      const known = profile?.describes(item.name)
      const inside = {
        member,
        readers: profile === undefined ? opened : [...opened, profile],
        ...(known === undefined ? {} : { profile: known }),
      }
      yield* visit(item, inside, known?.format).pipe(
        Effect.catchIf(isBadData, (error) =>
          Effect.sync(() => {
            if (error.operation !== "detect") broken ??= error
            leftOut.push({ name: member, code: "unreadable-member", why: error.message })
          }),
        ),
      )
    }
  })

  yield* visit(raw, { member: "", readers: [] }, declared)
  const parts = new Set(found.filter(({ member }) => member !== "").flatMap(partsOf))
  const leaves = found.filter(({ member }) => !parts.has(member))
  const skipped = leftOut.filter(({ name }) => !parts.has(name))
  if (leaves.length === 0) {
    if (broken !== undefined) return yield* broken
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
