/** The note beside a partial file from which another process learns what it is and how far it is safe to trust. */
import * as Schema from "effect/Schema"
import { rename, writeFile } from "node:fs/promises"

const Note = Schema.Struct({
  format: Schema.Literal(1),
  /** For people; without credentials. The file's name carries the hash of the whole address. */
  url: Schema.String,
  /** The file's name, in the same folder. */
  part: Schema.String,
  /** Bytes that are on the disk for certain. */
  size: Schema.Number,
  version: Schema.NullOr(
    Schema.Struct({
      validators: Schema.Struct({
        etag: Schema.optionalKey(Schema.String),
        lastModified: Schema.optionalKey(Schema.String),
      }),
      ifRange: Schema.String,
      total: Schema.optionalKey(Schema.Number),
    }),
  ),
  owner: Schema.NullOr(Schema.Struct({ host: Schema.String, pid: Schema.Number, since: Schema.String })),
})

/** The note's content. `owner` is null when its writer has given up in good order. */
export type Note = typeof Note.Type

const NoteText = Schema.fromJsonString(Note)

/** Reads a note; fails on anything that is not one. */
export const decodeNote = Schema.decodeUnknownEffect(NoteText)

/** Replaces a note in one step. */
export const writeNote = (path: string, note: Note): Promise<void> =>
  writeFile(`${path}.tmp`, JSON.stringify(note)).then(() => rename(`${path}.tmp`, path))
