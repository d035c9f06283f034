/**
 * Where the records of a file are, decided on its outline. Nothing outside the records is dropped: what stands beside them is a fact of the
 * file, or a table of its own.
 */
import type { Outline, Survey } from "./survey.ts"

/** What to do with a value of the outer structure. */
export type Plan =
  /** A list: each item is a record. */
  | { readonly is: "items"; readonly table: string }
  /** An object keyed by ids: each member is a record with a `key`. */
  | { readonly is: "keyed"; readonly table: string }
  /** The value itself is one record. */
  | { readonly is: "record"; readonly table: string }
  | { readonly is: "envelope"; readonly members: ReadonlyMap<string, Plan> }
  | { readonly is: "fact" }

/** How a file is laid out. `lines`: one value a line; `sequence`: objects one after the other; `records` is the path, for the facts. */
export type Layout =
  | { readonly shape: "lines" | "sequence" }
  | { readonly shape: "value"; readonly root: Plan; readonly records: ReadonlyArray<string> }

/** The name of the only table of a file. */
export const MAIN = "main"

/** Lists and maps beside the records that are smaller than this are facts, not tables. In bytes. */
const SMALL = 16_384

/** Names that data portals give to the records of an answer: taken even when the answer holds few of them, or none. */
const RECORD_NAMES = new Set(
  "records results features data items rows entries value member hydra:member @graph".split(" "),
)

const sizeOf = (outline: Outline): number => outline.end - outline.start
const membersOf = ({ counts }: Outline): number => counts.object + counts.array + counts.string + counts.scalar

/** How much objects share their keys: 1 when all have the same, 0 when each has its own. There are two at least. */
const alikeness = (objects: ReadonlyArray<Outline>): number => {
  const keys = new Map<string, number>()
  for (const object of objects) for (const key of object.members.keys()) keys.set(key, (keys.get(key) ?? 0) + 1)
  let shared = 0
  for (const count of keys.values()) shared += count - 1
  return keys.size === 0 ? 0 : shared / (keys.size * (objects.length - 1))
}

/** Whether an object is a table keyed by ids (`{"2031-01-01": "1er janvier", …}`), not a record with named fields. */
const isKeyed = (object: Outline): boolean => {
  if (object.kind !== "object") return false
  const count = membersOf(object)
  if (count === 0) return false
  const { counts } = object
  const ids = object.idKeys === count
  const scalars = counts.string + counts.scalar
  if (scalars === count) return ids || (count >= 50 && (counts.string === 0 || counts.scalar === 0))
  if (counts.object === count) {
    const seen = [...object.members.values()].filter((member) => member.members.size > 0)
    return ids || (count > 1 && seen.length > 1 && alikeness(seen) >= 0.5)
  }
  return counts.array === count && ids && count > 1
}

const hasObjects = (list: Outline): boolean =>
  list.kind === "array" && list.counts.object * 2 >= membersOf(list) && list.counts.object > 0

/** A list that an answer calls its records. A list of scalars of that name may be any field of a record. */
const isNamed = (path: ReadonlyArray<string>, { kind, counts }: Outline): boolean =>
  kind === "array" && path.length <= 2 && RECORD_NAMES.has(path.at(-1) ?? "") && counts.string + counts.scalar === 0

interface Candidate {
  readonly path: ReadonlyArray<string>
  readonly outline: Outline
  readonly is: "items" | "keyed"
  readonly named: boolean
}

const candidatesOf = (object: Outline, path: ReadonlyArray<string>): ReadonlyArray<Candidate> => {
  const found: Array<Candidate> = []
  for (const [key, outline] of object.members) {
    const here = [...path, key]
    const large = sizeOf(outline) >= SMALL
    if (outline.kind === "array") {
      const named = isNamed(here, outline)
      if (hasObjects(outline) || large || named) found.push({ path: here, outline, is: "items", named })
    } else if (isKeyed(outline)) {
      if (outline.counts.object > 0 || large) found.push({ path: here, outline, is: "keyed", named: false })
    } else if (outline.kind === "object") found.push(...candidatesOf(outline, here))
  }
  return found
}

const planAt = (path: ReadonlyArray<string>, plan: Plan): Plan =>
  path.reduceRight<Plan>((inner, key) => ({ is: "envelope", members: new Map([[key, inner]]) }), plan)

const merge = (left: Plan, right: Plan): Plan => {
  if (left.is !== "envelope" || right.is !== "envelope") return right
  const members = new Map(left.members)
  for (const [key, plan] of right.members) {
    const known = members.get(key)
    members.set(key, known === undefined ? plan : merge(known, plan))
  }
  return { is: "envelope", members }
}

const layoutOfObject = (root: Outline): Layout => {
  if (isKeyed(root)) return { shape: "value", root: { is: "keyed", table: MAIN }, records: [] }
  const found = candidatesOf(root, [])
  const held = found.reduce((sum, { outline }) => sum + sizeOf(outline), 0)
  // An envelope holds little beside its records; an object with a few nested lists is itself the record.
  if (found.length === 0 || !(found.some(({ named }) => named) || held * 2 >= sizeOf(root)))
    return { shape: "value", root: { is: "record", table: MAIN }, records: [] }
  const largest = found.reduce((best, next) => (sizeOf(next.outline) > sizeOf(best.outline) ? next : best))
  // A short list beside the records (licences, facets) is a fact of the file: as a table it would give every other table a longer name.
  const taken = found.filter(
    (each) => each.named || sizeOf(each.outline) >= Math.min(SMALL, sizeOf(largest.outline) / 4),
  )
  const plans = taken.map(({ path, is }) => planAt(path, { is, table: taken.length === 1 ? MAIN : path.join(".") }))
  return { shape: "value", root: plans.reduce(merge), records: largest.path }
}

/** The value at a path written with dots; a key may hold dots itself. */
const resolve = (
  object: Outline,
  path: string,
): { readonly keys: ReadonlyArray<string>; readonly outline: Outline } | undefined => {
  for (const [key, outline] of object.members) {
    if (path === key) return { keys: [key], outline }
    if (!path.startsWith(`${key}.`)) continue
    const rest = resolve(outline, path.slice(key.length + 1))
    if (rest !== undefined) return { keys: [key, ...rest.keys], outline: rest.outline }
  }
  return undefined
}

/** The layout of a surveyed file. `undefined`: `records` names a path that this file does not have. */
export const layoutOf = ({ root, sequence }: Survey, records: string | undefined): Layout | undefined => {
  if (records !== undefined && (sequence || root?.kind !== "object")) return undefined
  if (sequence) return { shape: "sequence" }
  if (root === undefined || root.kind === "string" || root.kind === "scalar")
    return { shape: "value", root: { is: "record", table: MAIN }, records: [] }
  if (root.kind === "array") return { shape: "value", root: { is: "items", table: MAIN }, records: [] }
  if (records === undefined) return layoutOfObject(root)
  const found = resolve(root, records)
  if (found === undefined) return undefined
  const is = found.outline.kind === "array" ? "items" : isKeyed(found.outline) ? "keyed" : "record"
  return { shape: "value", root: planAt(found.keys, { is, table: MAIN }), records: found.keys }
}

/** Paths that hold records, for a message. */
export const recordPaths = ({ root }: Survey): ReadonlyArray<string> =>
  root === undefined ? [] : candidatesOf(root, []).map(({ path }) => path.join("."))
