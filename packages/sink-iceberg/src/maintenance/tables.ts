/** The tables that maintenance is for: one by name, or all. */
import { misconfigured, type SinkError } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import type { CatalogTable } from "../catalog/catalog.ts"
import { failure } from "../failure.ts"
import type { Lakehouse } from "../lakehouse.ts"

/** Loads them; fails when there is none of the name. */
export const tablesOf = Effect.fn("Iceberg.tables")(function* (
  { catalog, namespace }: Lakehouse,
  asked: string | undefined,
): Effect.fn.Return<ReadonlyArray<CatalogTable>, SinkError> {
  const names = yield* catalog.list(namespace)
  if (asked !== undefined && !names.includes(asked))
    return yield* failure(
      "maintain",
      `there is no table "${asked}" in ${namespace}: there are ${names.join(", ")}`,
      misconfigured,
    )
  const tables = yield* Effect.forEach(asked === undefined ? names : [asked], (name) =>
    catalog.load({ namespace, name }),
  )
  return tables.flatMap((table) => (table === undefined ? [] : [table]))
})
