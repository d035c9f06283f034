/** Event files: one NDJSON file per run, appended to durably. A line without its end was cut by a kill, and is read by nobody. */
import type { LakeError, RunEvent } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { closeSync, fstatSync, fsyncSync, openSync, readSync, writeSync } from "node:fs"
import type { Entry, Storage } from "./storage/storage.ts"

const text = Schema.String
const of = { at: text, run: text }
const ofResource = { ...of, source: text, dataset: text, resource: text }

const EventSchema: Schema.Codec<RunEvent> = Schema.Union([
  Schema.TaggedStruct("RunStarted", { ...of, command: text, version: text }),
  Schema.TaggedStruct("RunEnded", {
    ...of,
    outcome: Schema.Literals(["done", "failed", "interrupted"]),
    counts: Schema.Record(text, Schema.Number),
  }),
  Schema.TaggedStruct("Extracted", {
    ...ofResource,
    extractedAt: text,
    sha256: text,
    bytes: Schema.Number,
    title: text,
  }),
  Schema.TaggedStruct("Seen", {
    ...ofResource,
    extractedAt: text,
    how: Schema.Literals(["not-modified", "same-bytes"]),
  }),
  Schema.TaggedStruct("Gone", {
    ...of,
    source: text,
    dataset: text,
    resource: Schema.optionalKey(text),
    state: Schema.Literals(["deleted", "archived", "private-or-missing", "unselected"]),
    message: text,
  }),
  Schema.TaggedStruct("Offered", {
    ...of,
    source: text,
    resources: Schema.Array(
      Schema.Struct({
        dataset: text,
        resource: text,
        how: Schema.Literals(["found", "changed", "moved"]),
        portalId: text,
        title: text,
        url: text,
      }),
    ),
  }),
  Schema.TaggedStruct("Judged", {
    ...ofResource,
    extractedAt: text,
    verdict: Schema.Literals(["accepted", "rejected"]),
    why: text,
  }),
  Schema.TaggedStruct("Identified", { ...ofResource, portalId: text, score: Schema.Number, why: text }),
  Schema.TaggedStruct("TablesNamed", {
    ...ofResource,
    names: Schema.Array(
      Schema.Struct({ resource: text, member: text, local: text, table: text, columns: Schema.Array(text) }),
    ),
  }),
  Schema.TaggedStruct("Loaded", {
    ...ofResource,
    extractedAt: text,
    key: text,
    target: text,
    tables: Schema.Array(
      Schema.Struct({
        table: text,
        rows: Schema.Number,
        rejects: Schema.Number,
        closed: Schema.optionalKey(Schema.Number),
        columns: Schema.Number,
        change: Schema.Literals(["none", "create", "evolve", "rewrite"]),
      }),
    ),
    outcome: Schema.Literals(["committed", "already-loaded"]),
  }),
  Schema.TaggedStruct("LoadRefused", {
    ...ofResource,
    extractedAt: text,
    key: text,
    target: text,
    failure: Schema.JsonObject,
  }),
  Schema.TaggedStruct("Pruned", { ...ofResource, extractedAt: text, sha256: text, bytes: Schema.Number, policy: text }),
  Schema.TaggedStruct("Redacted", {
    ...ofResource,
    extractedAt: text,
    was: text,
    sha256: text,
    columns: Schema.Array(text),
    rows: Schema.Number,
  }),
  Schema.TaggedStruct("Failed", {
    ...ofResource,
    stage: Schema.Literals(["locate", "fetch", "load"]),
    failure: Schema.JsonObject,
  }),
])

const decode = Schema.decodeUnknownOption(Schema.fromJsonString(EventSchema))

const LINE_END = 0x0a

const withFile = <A>(path: string, flags: string, body: (file: number) => A): A => {
  const file = openSync(path, flags)
  try {
    return body(file)
  } finally {
    closeSync(file)
  }
}

/** Appends one line in one write and waits for the disk. After a line that was cut by a kill, a new line begins first. */
export const appendLine = (path: string, line: string): void =>
  withFile(path, "a+", (file) => {
    const { size } = fstatSync(file)
    const last = Buffer.alloc(1)
    const cut = size > 0 && readSync(file, last, 0, 1, size - 1) === 1 && last[0] !== LINE_END
    writeSync(file, `${cut ? "\n" : ""}${line}\n`)
    fsyncSync(file)
  })

/** The whole lines in bytes of an event file: the events, how many lines are none, and how many bytes the whole lines are. */
export interface EventLines {
  readonly events: ReadonlyArray<RunEvent>
  readonly unreadable: number
  readonly bytes: number
}

const linesIn = (bytes: Uint8Array): EventLines => {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const whole = buffer.lastIndexOf(LINE_END) + 1
  const lines = buffer
    .toString("utf8", 0, whole)
    .split("\n")
    .filter((line) => line !== "")
  const events = lines.flatMap((line) => Option.toArray(decode(line)))
  return { events, unreadable: lines.length - events.length, bytes: whole }
}

/** In bytes, at once, unless one line is longer. */
const BLOCK = 16 * 1024 * 1024

/** Reads the whole lines of an event file that begin at a byte, at most a block of them. */
export const readEvents = Effect.fnUntraced(function* (
  storage: Storage,
  path: string,
  start: number,
): Effect.fn.Return<EventLines, LakeError> {
  for (let limit = BLOCK; ; limit *= 2) {
    const bytes = (yield* storage.read(path, { start, end: start + limit })) ?? new Uint8Array()
    const lines = linesIn(bytes)
    if (lines.bytes > 0 || bytes.length < limit) return lines
  }
})

/** All event files of a lake in the order of their dates; `since` (a UTC date) leaves out older ones. */
export const eventFiles = (storage: Storage, since?: string): Effect.Effect<ReadonlyArray<Entry>, LakeError> =>
  Effect.map(storage.list("events", since === undefined ? undefined : `date=${since}`), (found) =>
    found.filter(({ path }) => path.endsWith(".ndjson")),
  )
