/** Which containments are joins: a decision on figures and names alone. */
import { affinity } from "./affinity.ts"
import type { Containment } from "./containment.ts"
import type { ColumnProfile } from "./profile.ts"

/** A column whose values name rows of another table. */
export interface Join {
  readonly from: ColumnProfile
  readonly to: ColumnProfile
  /** Of the values of `from` that were looked up, the share that is in `to`. */
  readonly share: number
  readonly looked: number
  readonly affinity: number
}

/** With alike names, so much must be found; without, nearly all. */
const SHARE_WITH_NAMES = 0.5
const SHARE_WITHOUT_NAMES = 0.95
/** So much where a value may stand on several rows of the target. */
const SHARE_IN_REPEATED = 0.9
/** Without alike names a join must be proven by more values than chance gives. */
const VALUES_WITHOUT_NAMES = 10
/** Targets shown of one column. */
const MOST_TARGETS = 2

/** How likely an arbitrary value of the same look is a value of the column: small numbers are in every sequence. */
const chance = ({ kind, distinct, span, longest }: ColumnProfile): number => {
  if (kind === "day") return 1
  if (kind === "number") return Math.min(1, distinct / Math.max(1, span ?? 1))
  return Math.min(1, distinct / 10 ** Math.min(longest, 15))
}

const isLink = ({ name }: ColumnProfile): boolean => name === "_id" || name === "_parent_id"

const isJoin = ({ from, to, share, looked, affinity: names }: Join): boolean => {
  if (to.table.kind === "calendar") return share >= SHARE_WITH_NAMES
  if (from.table.kind !== "table" && to.table.kind === "table") return false
  if (isLink(from) || isLink(to))
    return from.name === "_parent_id" && to.name === "_id" && from.table.parent === to.table.name
  if (!to.isUnique && (to.distinct < 2 || from.table.name === to.table.name ? names < 1 : share < SHARE_IN_REPEATED))
    return false
  const odds = chance(to)
  if (names === 1) return share >= SHARE_WITH_NAMES && (odds < 0.5 || from.kind === "text")
  if (names > 0) return share >= 0.8 && odds < 0.5
  return share >= SHARE_WITHOUT_NAMES && odds < 0.1 && looked >= VALUES_WITHOUT_NAMES && to.isUnique
}

const order = (a: Join, b: Join): number =>
  b.affinity - a.affinity ||
  b.share - a.share ||
  Number(b.to.isUnique) - Number(a.to.isUnique) ||
  a.to.distinct - b.to.distinct ||
  a.to.id - b.to.id

/** Where either could be looked up in the other, the join goes from the one with more misses, or fewer values, to the other. */
const isBackwards = (join: Join, all: ReadonlyArray<Join>): boolean => {
  const other = all.find(({ from, to }) => from.id === join.to.id && to.id === join.from.id)
  if (other === undefined) return false
  return (
    (join.share - other.share ||
      Number(join.to.isUnique) - Number(other.to.isUnique) ||
      join.to.distinct - other.to.distinct ||
      join.from.id - other.from.id) < 0
  )
}

/** The joins that the figures speak for, best first for each column. */
export const joinsOf = (containments: ReadonlyArray<Containment>): ReadonlyArray<Join> => {
  const possible = containments
    .map(({ from, to, sketched, found }): Join => ({
      from,
      to,
      share: found / sketched,
      looked: sketched,
      affinity: affinity({ table: from.table.name, column: from.name }, { table: to.table.name, column: to.name }),
    }))
    .filter(isJoin)
  const oneWay = possible.filter((join) => !isBackwards(join, possible))
  return [...Map.groupBy(oneWay, ({ from }) => from.id).values()].flatMap((joins) =>
    joins.toSorted(order).slice(0, MOST_TARGETS),
  )
}
