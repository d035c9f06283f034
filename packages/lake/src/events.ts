/** Event files: one NDJSON file per run, appended to durably. A line without its end was cut by a kill, and is read by nobody. */
import type { RunEvent } from "@opendatahub-sql/core"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { closeSync, fstatSync, fsyncSync, openSync, readdirSync, readSync, writeSync } from "node:fs"
import { join } from "node:path"
import { saysCode } from "./failure.ts"

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

const readFrom = (file: number, start: number, length: number): Buffer => {
  const buffer = Buffer.alloc(length)
  let filled = 0
  for (let count = -1; count !== 0 && filled < length; filled += count)
    count = readSync(file, buffer, filled, length - filled, start + filled)
  return buffer.subarray(0, filled)
}

/** Appends one event in one write and waits for the disk. After a line that was cut by a kill, a new line begins first. */
export const appendEvent = (path: string, event: RunEvent): void =>
  withFile(path, "a+", (file) => {
    const { size } = fstatSync(file)
    const cut = size > 0 && readFrom(file, size - 1, 1)[0] !== LINE_END
    writeSync(file, `${cut ? "\n" : ""}${JSON.stringify(event)}\n`)
    fsyncSync(file)
  })

/** The whole lines of a file from byte `start`: the events, how many lines are none, where the next line begins, and what is after it (bytes). */
export interface EventLines {
  readonly events: ReadonlyArray<RunEvent>
  readonly unreadable: number
  readonly next: number
  readonly torn: number
}

/** Reads an event file from a byte on, at most `limit` bytes of it unless one line is longer. */
export const readEvents = (path: string, start: number, limit = 16 * 1024 * 1024): EventLines =>
  withFile(path, "r", (file) => {
    const rest = Math.max(0, fstatSync(file).size - start)
    let bytes = readFrom(file, start, Math.min(rest, limit))
    for (let more = limit * 2; !bytes.includes(LINE_END) && bytes.length < rest; more *= 2)
      bytes = readFrom(file, start, Math.min(rest, more))
    const whole = bytes.lastIndexOf(LINE_END) + 1
    const lines = bytes
      .toString("utf8", 0, whole)
      .split("\n")
      .filter((line) => line !== "")
    const events = lines.flatMap((line) => Option.toArray(decode(line)))
    return { events, unreadable: lines.length - events.length, next: start + whole, torn: bytes.length - whole }
  })

/** The names in a folder, sorted; none when there is no such folder. */
export const namesIn = (folder: string): ReadonlyArray<string> => {
  try {
    return readdirSync(folder).toSorted()
  } catch (error) {
    if (saysCode(error, "ENOENT", "ENOTDIR")) return []
    throw error
  }
}

/** The paths of all event files of a lake in the order of their dates; `since` (a UTC date) leaves out older ones. */
export const eventFiles = (lake: string, since = ""): ReadonlyArray<string> =>
  namesIn(join(lake, "events"))
    .filter((date) => date.startsWith("date=") && date.slice("date=".length) >= since)
    .flatMap((date) =>
      namesIn(join(lake, "events", date))
        .filter((name) => name.endsWith(".ndjson"))
        .map((name) => `events/${date}/${name}`),
    )
