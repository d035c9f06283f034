/** The `crs` member: GeoJSON had one until 2016 (2008 specification, §3), and French files still have it. */
import { Members, parseValue, type Value } from "@opendatahub-sql/core/json"
import { type Crs, crsOf, WGS_84 } from "@opendatahub-sql/geometry"

/** What a file says of its coordinates; `crs` is `undefined` when we do not know the system. */
export interface NamedCrs {
  readonly name: string
  readonly crs: Crs | undefined
}

const named = (name: string): NamedCrs => ({ name, crs: crsOf(name) })

/** Without a word, coordinates are longitude and latitude (RFC 7946 §4). */
export const DEFAULT_CRS: NamedCrs = named(WGS_84)

/** The system by its name in the options. */
export const crsOfName = named

const member = (value: Value | undefined, key: string): Value | undefined =>
  value instanceof Members ? value.values[value.keys.indexOf(key)] : undefined

/** Reads the member: a name, an EPSG code (2008 and older), or a bare text. */
export const crsOfMember = (value: Value): NamedCrs => {
  if (value === null) return DEFAULT_CRS
  const properties = member(value, "properties")
  const code = member(properties, "code")
  const name =
    typeof value === "string"
      ? value
      : (member(properties, "name") ?? (typeof code === "string" ? `EPSG:${code}` : undefined))
  if (typeof name === "string") return named(name)
  const href = member(properties, "href")
  return { name: typeof href === "string" ? href : "a system without a name", crs: undefined }
}

/**
 * The `crs` member that stands after the features, out of the end of a file; `undefined` when there is none. Whatever follows the last list of
 * the outermost object parses as an object's own end, and nothing else in a file does.
 */
export const crsAtEnd = (tail: string): NamedCrs | undefined => {
  for (let at = tail.lastIndexOf('"crs"'); at !== -1; at = tail.lastIndexOf('"crs"', at - 1)) {
    const list = tail.lastIndexOf("]", at)
    if (list !== -1) {
      try {
        const end = parseValue(`{"before":[${tail.slice(list)}`)
        const crs = member(end, "crs")
        if (crs !== undefined) return crsOfMember(crs)
      } catch {
        // Inside a feature, or cut.
      }
    }
    if (at === 0) break
  }
  return undefined
}
