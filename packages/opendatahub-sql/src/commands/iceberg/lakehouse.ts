/** The Iceberg destination of a configuration. */
import { misconfigured, SinkError } from "@opendatahub-sql/core"
import type { Hub } from "@opendatahub-sql/core/config"
import { type CatalogTable, type Lakehouse, lakehouseOf, tablesOf } from "@opendatahub-sql/sink-iceberg"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { UsageError } from "../../cli/usage-error.ts"

const DAY = 86_400_000

/** Opens it; fails when the configuration has none. */
export const openLakehouse = (hub: Hub): Effect.Effect<Lakehouse, SinkError, Scope.Scope> => {
  for (const sink of hub.sinks) {
    const lakehouse = lakehouseOf(sink)
    if (lakehouse !== undefined) return lakehouse
  }
  return Effect.fail(
    new SinkError({
      plugin: "iceberg",
      operation: "open",
      reason: misconfigured,
      message: "the configuration has no Iceberg destination: add `iceberg({ path })` to its `sinks`",
    }),
  )
}

/** The tables that a command is for, one by name or all, with what they are in. */
export const lakehouseTables = Effect.fnUntraced(function* (
  hub: Hub,
  asked: string | undefined,
): Effect.fn.Return<
  { readonly lakehouse: Lakehouse; readonly tables: ReadonlyArray<CatalogTable> },
  SinkError,
  Scope.Scope
> {
  const lakehouse = yield* openLakehouse(hub)
  return { lakehouse, tables: yield* tablesOf(lakehouse, asked) }
})

/** A number of an option; `--older-than` is in days, here in ms. */
export const numberOf = (
  option: string,
  text: string | undefined,
  otherwise: number,
): Effect.Effect<number, UsageError> => {
  const value = text === undefined ? otherwise : Number(text)
  return Number.isFinite(value) && value >= 0
    ? Effect.succeed(value)
    : Effect.fail(new UsageError(`--${option} takes a number from 0 on, not "${text}"`))
}

/** `--older-than` in ms. */
export const ageOf = (text: string | undefined, days: number): Effect.Effect<number, UsageError> =>
  Effect.map(numberOf("older-than", text, days), (value) => value * DAY)

/** What a dry run says at its end. */
export const dryRun = (apply: boolean): ReadonlyArray<string> =>
  apply ? [] : ["nothing was changed: do it with --apply"]
