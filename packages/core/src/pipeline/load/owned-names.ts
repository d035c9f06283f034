/** Whose a table is: a name belongs to the resource that had it first, and keeps its columns' names. */
import * as Effect from "effect/Effect"
import { SinkError } from "../../contracts/errors.ts"
import type { TableName } from "../../contracts/event.ts"
import { type Extraction, Lake, type ResourceKey } from "../../contracts/lake.ts"
import { misconfigured } from "../../contracts/reason.ts"
import { record } from "../run-log.ts"

/** Refuses a table that belongs to another resource, unless both say `into`. */
export const checkOwner = Effect.fnUntraced(function* (
  extraction: Extraction,
  names: ReadonlyArray<{ readonly table: string }>,
) {
  if (extraction.resource.into !== undefined) return
  const lake = yield* Lake
  const owned = yield* lake.tableNames
  for (const { table } of names) {
    const owners = owned.filter((name) => name.table === table)
    if (owners.some((name) => name.resource === extraction.resource.id)) continue
    const [other] = owners
    if (other !== undefined) {
      return yield* new SinkError({
        plugin: "core",
        operation: "name",
        reason: misconfigured,
        message: `the table "${table}" already belongs to the resource ${other.resource}; give "${extraction.resource.title}" a name of its own, or the same table on purpose, with \`into\` in the configuration`,
      })
    }
  }
})

const sameName = (one: Omit<TableName, "resource">, other: Omit<TableName, "resource">): boolean =>
  one.member === other.member &&
  one.local === other.local &&
  one.table === other.table &&
  one.columns.join("\n") === other.columns.join("\n")

/** Records the names that this load gives for the first time. */
export const recordNames = Effect.fnUntraced(function* (
  key: ResourceKey,
  pinned: ReadonlyArray<TableName>,
  names: ReadonlyArray<Omit<TableName, "resource">>,
) {
  const news = names.filter((name) => !pinned.some((pin) => sameName(pin, name)))
  if (news.length > 0)
    yield* record({ _tag: "TablesNamed", ...key, names: news.map((name) => ({ ...name, resource: key.resource })) })
})
