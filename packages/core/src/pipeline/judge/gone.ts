/**
 * `onGone: "close"`: the rows of a resource that is gone end when it was found gone. In each destination that is one load more, without a row;
 * it is taken out again when the resource is back, for then its last state is the state again.
 */
import { createHash } from "node:crypto"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { Engine } from "../../contracts/engine.ts"
import { type Extraction, Lake, type ResourceKey } from "../../contracts/lake.ts"
import type { Slice } from "../../contracts/sink.ts"
import type { TableEvent } from "../../contracts/table.ts"
import { baseName } from "../load/address.ts"
import { deliver, type LoadOptions, type OpenSink } from "../load/deliver.ts"
import type { RunOptions } from "../run.ts"
import { now } from "../run-log.ts"
import { restore } from "./take-back.ts"

/** What was closed, or is back. */
export interface Closing {
  readonly resource: string
  readonly title: string
  readonly tables: ReadonlyArray<string>
  readonly how: "closed" | "back"
}

/** One load without a row into every table that the resource has rows in. */
const close = Effect.fnUntraced(function* (
  { sink, session }: OpenSink,
  slice: Slice,
  tables: ReadonlyArray<string>,
  options: LoadOptions,
) {
  const engine = yield* Engine
  yield* Effect.scoped(
    Effect.gen(function* () {
      const started: Array<TableEvent> = []
      for (const table of tables) {
        const described = yield* session.describe(table)
        if (described !== undefined) started.push({ _tag: "TableStarted", ...described })
      }
      const empty = yield* engine.typeEvents(Stream.fromIterable(started), {
        types: "auto",
        tolerance: 1,
        pinned: () => undefined,
        atLeast: () => undefined,
      })
      const schemas = yield* Effect.forEach(empty, (table) => {
        const { mode } = options.settings(table.name)
        const arriving = { ...table, slice, parts: [table] }
        return session.prepare(arriving, sink.capabilities.modes.includes(mode) ? mode : "snapshots")
      })
      const key = createHash("sha256")
        .update(JSON.stringify(["closed", slice, sink.target]))
        .digest("hex")
      yield* deliver({ sink, session }, { key, slice, sha256: "", tables: schemas }, empty)
    }),
  )
})

const settle = Effect.fnUntraced(function* (
  key: ResourceKey,
  isGone: boolean,
  extractions: ReadonlyArray<Extraction>,
  { options, open, at }: { readonly options: RunOptions; readonly open: OpenSink; readonly at: string },
) {
  const known = new Set(extractions.map(({ extractedAt }) => extractedAt))
  const entries = (yield* open.session.loads({ resource: key.resource })).filter(
    ({ slice }) => slice.source === key.source && slice.dataset === key.dataset,
  )
  const closings = entries.filter(({ slice }) => !known.has(slice.extractedAt))
  const last = entries.at(-1)
  if (isGone && last !== undefined && closings.length === 0) {
    const tables = last.tables.map(({ table }) => table)
    yield* close(open, { ...key, extractedAt: at }, tables, options)
    return { how: "closed" as const, tables }
  }
  if (!isGone && closings.length > 0) {
    yield* open.session.remove(closings.map(({ slice }) => slice))
    yield* restore(extractions, open, options)
    return { how: "back" as const, tables: closings.flatMap(({ tables }) => tables.map(({ table }) => table)) }
  }
  return undefined
})

/** Closes what is gone and opens what is back again, where the table says `onGone: "close"`. A second time nothing happens. */
export const closeGone = Effect.fn("closeGone")(function* (options: RunOptions) {
  const lake = yield* Lake
  const names = yield* lake.tableNames
  const done: Array<Closing> = []
  for (const { gone, ...key } of yield* lake.resources) {
    const named = names.find((name) => name.resource === key.resource && name.member === "" && name.local === "")
    if (named === undefined || options.settings(named.table).onGone !== "close") continue
    const closing = yield* Effect.scoped(
      Effect.gen(function* () {
        yield* lake.lease(key)
        const extractions = yield* lake.extractions(key)
        const last = extractions.at(-1)
        if (last === undefined || options.settings(baseName(last, names)).onGone !== "close") return undefined
        let found: Pick<Closing, "how" | "tables"> | undefined
        for (const open of options.sinks)
          found = (yield* settle(key, gone, extractions, { options, open, at: yield* now })) ?? found
        return found === undefined ? undefined : { resource: key.resource, title: last.resource.title, ...found }
      }),
    )
    if (closing !== undefined) done.push(closing)
  }
  return done satisfies ReadonlyArray<Closing>
})
