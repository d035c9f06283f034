/** The load half: one extraction, from kept bytes into destinations, without the network. */
import * as Effect from "effect/Effect"
import { type ColumnType, joinTypes } from "../../contracts/column-type.ts"
import { Engine } from "../../contracts/engine.ts"
import type { SkippedMember } from "../../contracts/format.ts"
import { type Extraction, Lake } from "../../contracts/lake.ts"
import type { TypedTable } from "../../contracts/typed-table.ts"
import { own } from "../../own.ts"
import { checkSuspicion } from "../judge/quarantine.ts"
import { Progress } from "../progress.ts"
import { readTables } from "../read/read-tables.ts"
import { probeOf, resolve } from "../read/resolve.ts"
import { baseName, keyOf } from "./address.ts"
import { type Delivery, type LoadOptions, type OpenSink, ship } from "./deliver.ts"
import { loadKey, readingFingerprint } from "./load-key.ts"
import { checkOwner, recordNames } from "./owned-names.ts"
import { checkRejects, rejectCounts } from "./reject-limits.ts"
import { type WholeTable, wholeTables } from "./whole-tables.ts"

/** Which destinations lack the load, and what the others have of it. */
const whoHasIt = Effect.fnUntraced(function* (sinks: ReadonlyArray<OpenSink>, keyFor: (target: string) => string) {
  const missing: Array<OpenSink> = []
  const already: Array<Delivery> = []
  for (const open of sinks) {
    const { target } = open.sink
    const [entry] = yield* open.session.loads({ keys: [keyFor(target)] })
    if (entry === undefined) missing.push(open)
    else {
      const tables = entry.tables.map((table) => ({ ...table, columns: 0, change: "none" as const }))
      already.push({ target, outcome: "already-loaded", stale: [], tables })
    }
  }
  return { missing, already }
})

/** The types that the columns of a table have in the destinations: the new ones join them. */
const typesIn = (sinks: ReadonlyArray<OpenSink>) =>
  Effect.fnUntraced(function* (table: string) {
    const types: Record<string, ColumnType> = {}
    for (const { session } of sinks) {
      const described = yield* session.describe(table)
      for (const column of described?.columns ?? [])
        types[column.name] = joinTypes(own(types, column.name) ?? "null", column.type)
    }
    return types
  })

/** Fails above a table's limit of rejects; tells what is worth a warning. */
const checkLimits = Effect.fnUntraced(function* (
  tables: ReadonlyArray<WholeTable>,
  parts: ReadonlyArray<TypedTable>,
  options: LoadOptions,
) {
  const warnings: Array<string> = []
  for (const { name } of tables) {
    const counts = rejectCounts(parts.filter((part) => part.name === name))
    const checked = checkRejects(name, counts, options.settings(name).rejects)
    if (typeof checked === "string") warnings.push(checked)
    else if (checked !== undefined) return yield* checked
  }
  return warnings
})

const leftOut = ({ name, why }: SkippedMember): string => `${name} was left out: ${why}`

/**
 * Loads one extraction into the given destinations, each with its own key. One that fails does not stop the others; a failure that trying
 * again cannot mend is recorded as refused.
 */
export const load = Effect.fn("load")(function* (
  extraction: Extraction,
  sinks: ReadonlyArray<OpenSink>,
  options: LoadOptions,
) {
  const lake = yield* Lake
  const engine = yield* Engine
  const progress = yield* Progress
  const key = keyOf(extraction)
  const pinned = yield* lake.tableNamesOf(key.resource)
  const base = baseName(extraction, pinned)
  const settings = options.settings(base)
  const announce = (stage: "read" | "load"): void =>
    progress({ resource: key.resource, title: extraction.resource.title, stage })

  return yield* Effect.scoped(
    Effect.gen(function* () {
      announce("read")
      const raw = lake.open(extraction)
      const resolved = yield* resolve(raw, extraction.resource.format, options.readers)
      const reading = readingFingerprint(resolved.leaves, engine.fingerprint, base, settings)
      // Another mode is another representation of the same rows: a replay makes it.
      const keyFor = (target: string): string => loadKey(extraction, `${reading} ${settings.mode}`, target)
      const { missing, already } = yield* whoHasIt(sinks, keyFor)
      const warnings = resolved.skipped.map(leftOut)
      if (missing.length === 0) return { deliveries: already, warnings, tables: [] }

      const file = yield* readTables(resolved.leaves, {
        base,
        pinned,
        settings: options.settings,
        existing: typesIn(sinks),
        types: "auto",
      })
      yield* checkOwner(extraction, file.names)
      const tables = wholeTables(file.tables)
      // Under another name (`into`) there is nothing to compare with.
      const isMoved = pinned.some((pin) => pin.member === "" && pin.local === "" && pin.table !== base)
      yield* checkSuspicion(
        { extraction, base, tables, parts: file.tables },
        {
          head: (yield* probeOf(raw, undefined)).head,
          pinned,
          sinks: missing,
          rules: isMoved ? false : settings.quarantine,
        },
      )
      yield* recordNames(key, pinned, [{ member: "", local: "", table: base, columns: [] }, ...file.names])
      const rejects = yield* engine.rejectsParquet(file.tables, [...resolved.skipped, ...file.skipped])
      if (rejects !== undefined) yield* lake.keepRejects(extraction, reading, rejects)

      warnings.push(...file.skipped.map(leftOut))
      for (const part of file.tables)
        for (const warning of part.warnings ?? []) warnings.push(`table "${part.name}", ${warning}`)
      warnings.push(...(yield* checkLimits(tables, file.tables, options)))

      announce("load")
      const shipment = { extraction, base, tables, parts: file.tables }
      const shipped = yield* Effect.forEach(missing, (open) => ship(open, keyFor(open.sink.target), shipment, options))
      return {
        deliveries: [...already, ...shipped],
        warnings,
        tables: file.tables.map(({ name, rows, columns }) => ({ name, rows, columns })),
      }
    }),
  )
})
