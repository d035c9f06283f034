/** GTFS Schedule feeds: what the members of the archive are, as data. */
import { type ColumnType, defineProfile, own } from "@opendatahub-sql/core"
import * as Schema from "effect/Schema"
import { type Columns, files } from "./files.ts"

/** Enough of these in one folder make a feed; none of them is in every feed. */
const CORE = ["agency", "stops", "routes", "trips", "stop_times", "calendar", "calendar_dates", "feed_info"]
const ENOUGH = 3

/** A member's folder and the file of the reference that it is, if it is one. */
const fileOf = (member: string): { readonly folder: string; readonly name: string } | undefined => {
  const [, folder = "", name = ""] = /^(.*\/)?([a-z_]+)\.txt$/i.exec(member) ?? []
  return Object.hasOwn(files, name.toLowerCase()) ? { folder, name: name.toLowerCase() } : undefined
}

const typesOf = (columns: Columns): Readonly<Record<string, ColumnType>> =>
  Object.fromEntries(
    Object.entries(columns).flatMap(([type, names]) =>
      (names?.split(" ") ?? []).map((name) => [name, type as ColumnType]),
    ),
  )

/**
 * Archives of public transport in GTFS: a table for each file, with the types of the GTFS Schedule reference. Several feeds in folders of one archive
 * share their tables. Other files and columns are kept, typed by their values.
 * @example
 * formats: [csv(), zip(), gtfs()]
 */
export const gtfs = defineProfile({
  id: "gtfs",
  apiVersion: 1,
  fingerprint: 1,
  config: Schema.toStandardSchemaV1(Schema.Record(Schema.String, Schema.Never), { parseOptions: { errors: "all" } }),
  detects: (members) => {
    const folders = new Map<string, Set<string>>()
    for (const member of members) {
      const file = fileOf(member)
      if (file === undefined || !CORE.includes(file.name)) continue
      folders.set(file.folder, (folders.get(file.folder) ?? new Set()).add(file.name))
    }
    return [...folders.values()].some((found) => found.size >= ENOUGH) ? 1 : 0
  },
  describes: (member) => {
    if (/^(.*\/)?locations\.geojson$/i.test(member)) return { table: "locations", format: "geojson", columns: {} }
    const name = fileOf(member)?.name
    const columns = name === undefined ? undefined : own(files, name)
    return name === undefined || columns === undefined
      ? undefined
      : { table: name, format: "csv", columns: typesOf(columns) }
  },
})
