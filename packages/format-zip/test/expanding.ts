/** What the tests share: files on disk or bytes as raw files, and what a container makes of them. */
import { type Configured, type Container, type RawFile, type SkippedMember } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { createHash } from "node:crypto"
import { createReadStream, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs"
import { basename, join } from "node:path"
import { tmpdir } from "node:os"
import { fileURLToPath } from "node:url"
import golden from "./fixtures/golden/members.json" with { type: "json" }

export const corpusPath = (path: string): string =>
  fileURLToPath(new URL(`../../../fixtures/corpus/${path}`, import.meta.url))
export const suitePath = (path: string): string => fileURLToPath(new URL(`./fixtures/yauzl/${path}`, import.meta.url))

/** A file on disk, as the lake would give it. */
export const fileAt = (path: string, name = basename(path)): RawFile => ({
  name,
  size: statSync(path).size,
  identity: "0123",
  siblings: [],
  local: Effect.succeed(path),
  bytes: (range) =>
    range?.end !== undefined && range.end <= range.start
      ? Stream.empty
      : Stream.suspend(() =>
          Stream.fromAsyncIterable(
            createReadStream(path, {
              start: range?.start ?? 0,
              ...(range?.end === undefined ? {} : { end: range.end - 1 }),
            }) as AsyncIterable<Uint8Array>,
            (cause) => {
              throw cause
            },
          ),
        ),
})

/** Bytes as a file on disk that goes with the scope. */
export const fileWith = (bytes: Uint8Array, name: string) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(join(tmpdir(), "odh-zip-test-"))),
      (folder) => Effect.sync(() => rmSync(folder, { recursive: true })),
    ),
    (folder) => {
      const path = join(folder, "file")
      writeFileSync(path, bytes)
      return fileAt(path, name)
    },
  )

export const decoded = (configured: Configured<Container>): Effect.Effect<Container> => Effect.orDie(configured.decode)

export const expandAll = Effect.fnUntraced(function* (container: Configured<Container>, file: RawFile) {
  const { expand } = yield* decoded(container)
  const items = yield* Stream.runCollect(expand(file))
  const members = items.filter((item): item is RawFile => !("why" in item))
  const skipped = items.filter((item): item is SkippedMember => "why" in item)
  return { members, skipped }
})

export const bytesOf = (file: RawFile, range?: { readonly start: number; readonly end?: number }) =>
  Effect.map(Stream.runCollect(file.bytes(range)), (chunks) => Buffer.concat(chunks))

export const sha256Of = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex")

/** The item at a place, which the test needs to be there. */
export const nth = <A>(items: ReadonlyArray<A> | undefined, index = 0): A => {
  const item = items?.[index]
  if (item === undefined) throw new Error(`no item ${index}`)
  return item
}

type Members = Readonly<Record<string, ReadonlyArray<number | string>>>

/** What Python reads in an archive: size and SHA-256 by member. */
export const expectedOf = (name: string): Members => {
  const all: Readonly<Record<string, Members>> = golden
  const members = all[name]
  if (members === undefined) throw new Error(`golden/members.json has no ${name}`)
  return members
}
