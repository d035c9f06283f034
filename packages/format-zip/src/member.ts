/** A member of an archive as a raw file: bytes unpacked again for each reading, or spooled to a scoped file. */
import { type ByteRange, FormatError, type RawFile, type ReadError, terminal, WorkFolder } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { randomUUID } from "node:crypto"
import { createWriteStream } from "node:fs"
import { mkdir, rm } from "node:fs/promises"
import { join } from "node:path"
import { pipeline } from "node:stream/promises"
import { countWith, memberIdentity } from "./caps.ts"
import { readFile } from "./read-range.ts"

/** What a member is, apart from its bytes. */
export interface MemberFile {
  readonly plugin: string
  readonly archive: RawFile
  readonly name: string
  readonly size: number | undefined
  readonly siblings?: ReadonlyArray<RawFile>
  /** Unpacks it all, or a part; ends only when what can be checked was. */
  readonly unpack: (range?: ByteRange) => AsyncIterable<Uint8Array>
  readonly toError: (cause: unknown) => ReadError
}

/** A part of what is unpacked from the start: most archives cannot be entered in the middle. */
export async function* within(
  chunks: AsyncIterable<Uint8Array>,
  { start, end = Number.POSITIVE_INFINITY }: ByteRange,
): AsyncGenerator<Uint8Array> {
  if (end <= start) return
  let at = 0
  for await (const chunk of chunks) {
    const from = Math.max(0, start - at)
    const to = Math.min(chunk.length, end - at)
    if (from < to) yield from === 0 && to === chunk.length ? chunk : chunk.subarray(from, to)
    at += chunk.length
    if (at >= end) return
  }
}

const spool = Effect.fn("Member.spool")(function* (member: MemberFile, copies: Set<string>) {
  const folder = yield* WorkFolder
  // The member's own name is never a path: archives are not trusted.
  const path = join(folder, `member-${randomUUID()}`)
  const diskError = (cause: unknown) =>
    new FormatError({
      plugin: member.plugin,
      operation: "local",
      reason: terminal,
      message: `${member.name}: cannot be written to ${folder}; check its space and rights`,
      cause,
    })
  yield* Effect.acquireRelease(
    Effect.tryPromise({ try: () => mkdir(folder, { recursive: true }), catch: diskError }),
    () => Effect.promise(() => rm(path, { force: true })),
  )
  yield* Effect.tryPromise({
    try: (signal) => pipeline(member.unpack(), createWriteStream(path, { flags: "wx" }), { signal }),
    catch: (cause) =>
      (cause as { readonly syscall?: string }).syscall === undefined ? member.toError(cause) : diskError(cause),
  })
  yield* Effect.acquireRelease(
    Effect.sync(() => copies.add(path)),
    () => Effect.sync(() => copies.delete(path)),
  )
  return path
})

/** The raw file of a member. As long as there is a copy of it on the disk, its bytes are read there. */
export const memberRawFile = (member: MemberFile): RawFile => {
  const copies = new Set<string>()
  return countWith(member.archive, {
    name: member.name,
    size: member.size,
    identity: memberIdentity(member.archive.identity, member.name),
    siblings: member.siblings ?? [],
    bytes: (range) =>
      Stream.suspend(() => {
        const [copy] = copies
        return Stream.fromAsyncIterable(
          copy === undefined ? member.unpack(range) : readFile(copy, range),
          member.toError,
        )
      }),
    local: spool(member, copies),
  })
}

const stemOf = (name: string): string => {
  const dot = name.lastIndexOf(".")
  return dot > name.lastIndexOf("/") ? name.slice(0, dot) : name
}

/** Raw files of members, each with those of the same path but for the extension as siblings: a shapefile is several. */
export const withSiblings = <Entry extends { readonly name: string }>(
  entries: ReadonlyArray<Entry>,
  raw: (entry: Entry, siblings: ReadonlyArray<RawFile>) => RawFile,
): ReadonlyArray<RawFile> => {
  const bundles = new Map<string, Array<Entry>>()
  for (const entry of entries) {
    const stem = stemOf(entry.name)
    const bundle = bundles.get(stem)
    if (bundle === undefined) bundles.set(stem, [entry])
    else bundle.push(entry)
  }
  return entries.map((entry) => {
    const others = (bundles.get(stemOf(entry.name)) ?? []).filter((other) => other !== entry)
    return raw(
      entry,
      others.map((other) => raw(other, [])),
    )
  })
}
