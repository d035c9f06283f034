/** The ledger: which loads the tables of a namespace hold. */
import type { LedgerEntry } from "@opendatahub-sql/core"
import type { LoadEntry, TableState } from "./table-state.ts"

/** The loads of several tables, oldest extraction first: one counts when every table of its load has the key. */
export const completeLoads = (
  tables: ReadonlyArray<{ readonly table: string; readonly state: TableState }>,
): ReadonlyArray<LedgerEntry> => {
  const byKey = new Map<string, { readonly entry: LoadEntry; readonly tables: Array<LedgerEntry["tables"][number]> }>()
  for (const { table, state } of tables) {
    for (const entry of state.loads) {
      const known = byKey.get(entry.key) ?? { entry, tables: [] }
      known.tables.push({ table, rows: entry.rows, rejects: entry.rejects })
      byKey.set(entry.key, known)
    }
  }
  return [...byKey.values()]
    .filter((known) => known.entry.tables.every((name) => known.tables.some(({ table }) => table === name)))
    .map(({ entry, tables: held }) => ({ key: entry.key, slice: entry.slice, tables: held }))
    .toSorted((a, b) =>
      a.slice.extractedAt < b.slice.extractedAt ? -1 : a.slice.extractedAt > b.slice.extractedAt ? 1 : 0,
    )
}
