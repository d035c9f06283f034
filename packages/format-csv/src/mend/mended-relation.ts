/**
 * The fast way for files with odd records: written anew without them, once, so that the engine reads what is left as it reads any other file. What
 * was rejected is known before it begins.
 */
import {
  FormatError,
  type RawFile,
  type ReadError,
  type Reject,
  type RejectCode,
  type Relation,
  terminal,
  WorkFolder,
} from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { randomUUID } from "node:crypto"
import { type FileHandle, mkdir, open, rm } from "node:fs/promises"
import { join } from "node:path"
import { factsOf } from "../facts.ts"
import type { Options } from "../options.ts"
import type { Opened } from "../read.ts"
import { endsInAscii, LAST_SCAN, literal, lookAt, NO_DELIMITER, readCsv, type Told } from "../read-csv.ts"
import { TABLE } from "../records/table-builder.ts"
import { escapes, type LineDialect } from "./line-builder.ts"
import { mender } from "./mender.ts"

/** In bytes. */
const CHUNK = 1 << 20
const LONGEST_LINE = 32_000_000

const KEPT: ReadonlyArray<RejectCode> = ["missing-columns", "too-many-columns"]

/** How the lines are written; `undefined` for files whose lines end otherwise, or whose bytes do not show where. */
const lineDialectOf = ({ surveyed, layout }: Opened, options: Options): LineDialect | undefined => {
  const { delimiter = NO_DELIMITER, quote } = layout.dialect
  const { encoding, head, longestLine } = surveyed
  // Of damaged names nobody knows the bytes.
  const isDamaged = encoding.damagedBytes > 0
  if (encoding.name.startsWith("utf-16") || isDamaged || longestLine > LONGEST_LINE || !endsInAscii(layout.dialect))
    return undefined
  const [lineEnd] = /\r\n?|\n/.exec(head.slice(layout.start)) ?? []
  if (lineEnd === "\r" || lineEnd === undefined) return undefined
  const escape = ["\u0002", "\u0003"].find((character) => character !== delimiter) ?? ""
  const nothing = layout.columns.length > 1 ? "" : quote === undefined ? (options.nullValues?.[0] ?? "") : quote + quote
  return { delimiter, quote, lineEnd: lineEnd === "\n" ? "\n" : "\r\n", escape, nothing }
}

const diskError = (file: RawFile, cause: unknown): FormatError =>
  new FormatError({
    plugin: "csv",
    operation: "relations",
    reason: terminal,
    message: `${file.name}: cannot be written without its odd records; check the space of the work folder`,
    cause,
  })

const onDisk = <A>(file: RawFile, run: () => Promise<A>): Effect.Effect<A, FormatError> =>
  Effect.tryPromise({ try: run, catch: (cause) => diskError(file, cause) })

/** A file that goes with the scope. */
const spooled = Effect.fnUntraced(function* (
  file: RawFile,
): Effect.fn.Return<readonly [path: string, handle: FileHandle], FormatError, Scope.Scope> {
  const folder = yield* WorkFolder
  const path = join(folder, `mended-${randomUUID()}`)
  const handle = yield* Effect.acquireRelease(
    onDisk(file, async () => {
      await mkdir(folder, { recursive: true })
      return open(path, "wx+")
    }),
    (opened) => Effect.promise(() => opened.close().then(() => rm(path, { force: true }))),
  )
  return [path, handle]
})

/** All of a file in the same memory, chunk by chunk. */
async function* chunksOf(handle: FileHandle): AsyncGenerator<Uint8Array> {
  const buffer = Buffer.allocUnsafeSlow(CHUNK)
  for (let at = 0; ;) {
    const { bytesRead } = await handle.read(buffer, 0, CHUNK, at)
    if (bytesRead === 0) return
    at += bytesRead
    yield buffer.subarray(0, bytesRead)
  }
}

/** In base64: a literal holds no NUL. */
const rejectRow = ({ row, code, raw, message = "", line, byte, byteLength }: Reject): string =>
  `(${row}, ${literal(code)}, decode(from_base64('${Buffer.from(raw).toString("base64")}')), ${literal(message)}, ${line ?? "null"}, ${byte ?? "null"}, ${byteLength ?? "null"})`

/** Those that were found, and whatever the engine itself does not take, which is no code that is kept. */
const rejectsSql = (rejects: ReadonlyArray<Reject>): string => {
  const names = ["row", "code", "raw", "message", "line", "byte", "byte_length"].map((name) => `"${name}"`).join(", ")
  const misread = `select line, 'unreadable: ' || lower(error_type::varchar), csv_line, error_message, line, null, null from reject_errors where ${LAST_SCAN}`
  return rejects.length === 0
    ? `select * from (${misread}) as t(${names})`
    : `select * from (values ${rejects.map(rejectRow).join(", ")}) as t(${names}) union all (${misread})`
}

/** The relation of the file without its odd records, or `undefined` when only `read` will do. */
export const mendedRelation = Effect.fn("FormatCsv.mended")(function* (
  file: RawFile,
  opened: Opened,
  options: Options,
  why: string,
): Effect.fn.Return<ReadonlyArray<Relation> | undefined, ReadError, Scope.Scope> {
  const { surveyed, layout } = opened
  const lines = lineDialectOf(opened, options)
  if (lines === undefined) return undefined
  const [path, handle] = yield* spooled(file)
  const mending = mender(file.name, opened, options, lines)
  const write = (mended: Uint8Array | undefined): Effect.Effect<boolean, FormatError> =>
    mended === undefined ? Effect.succeed(false) : onDisk(file, () => handle.writeFile(mended).then(() => true))
  let goesOn = true
  yield* Stream.runForEachWhile(file.bytes({ start: 0, transient: true }), (chunk) =>
    Effect.tap(
      Effect.suspend(() => write(mending.mend(chunk, false))),
      (written) => Effect.sync(() => (goesOn = written)),
    ),
  )
  if (!goesOn || !(yield* write(mending.mend(new Uint8Array(0), true)))) return undefined

  const bytes = Stream.fromAsyncIterable(chunksOf(handle), (cause) => diskError(file, cause))
  const told: Told = {
    dialect: layout.dialect,
    width: layout.columns.length,
    nullValues: options.nullValues ?? [],
    header: false,
    skip: 0,
    // Bytes may become three, and quotes two.
    longest: Math.max(3 * surveyed.longestLine, mending.longest()) + 2,
  }
  const restored = (column: number): string =>
    escapes(lines).reduce(
      (sql, [character, letter]) => `replace(${sql}, ${literal(lines.escape + letter)}, ${literal(character)})`,
      `r${column}`,
    )
  const columns = layout.columns.map((_, column) =>
    mending.escaped.has(column)
      ? `case when contains(r${column}, ${literal(lines.escape)}) then ${restored(column)} else r${column} end`
      : `r${column}`,
  )
  return [
    {
      table: TABLE,
      columns: layout.columns.map((name) => ({ name })),
      input: {
        name: file.name,
        size: undefined,
        identity: path,
        bytes: () => bytes,
        local: Effect.succeed(path),
        siblings: [],
      },
      sql: (at, reading) => `select ${columns.join(", ")} from ${readCsv(at, told, reading)}`,
      plain: lookAt(bytes, "utf-8", layout.dialect, 0),
      rejects: { sql: rejectsSql(mending.rejects), keeps: KEPT },
      facts: { ...factsOf(surveyed, layout), reader: "tolerant", notStrict: why, ...mending.facts() },
    },
  ]
})
