/**
 * Which table each part of a file goes to. What a profile knows goes to the table that it names; else parts of one shape go to one table (a
 * zip with a CSV per department), and the only shape of a file takes the file's own name. A name given once is kept, whatever the file
 * looks like later.
 */
import type { TableName } from "../../contracts/event.ts"
import { tableName, withoutExtension } from "../../naming.ts"

/** A table of a file, before it has a name: `member` is its path in the archive, `local` the format's name for it. */
export interface LocalTable {
  readonly member: string
  readonly local: string
  readonly parent?: string
  readonly columns: ReadonlyArray<string>
  /** The name that a profile knows the member's table by. */
  readonly known?: string
}

const shapeOf = (local: string, columns: ReadonlyArray<string>): string =>
  JSON.stringify([local, [...columns].toSorted()])

const stemOf = (member: string): string => withoutExtension(member.split(/[!/\\]/).at(-1) ?? member)

/** `rna_01`, `rna_02` → `rna`: what the names of members share, without the digits and signs that set them apart. */
const sharedStem = (members: ReadonlyArray<string>): string => {
  const stems = members.map(stemOf)
  const first = stems[0] ?? ""
  if (stems.length === 1) return first
  let length = first.length
  for (const stem of stems) {
    while (!stem.startsWith(first.slice(0, length))) length--
  }
  return first.slice(0, length).replace(/[\d\W_]+$/, "")
}

/** The key of a local table in the answer of {@link assignTables}. */
export const localKey = (member: string, local: string): string => `${member}\u0000${local}`

/**
 * Names for the tables of one file.
 * @param base the resource's own table name
 * @param pinned names given to tables of this resource before
 */
export const assignTables = (
  base: string,
  tables: ReadonlyArray<LocalTable>,
  pinned: ReadonlyArray<TableName>,
): ReadonlyMap<string, string> => {
  const names = new Map<string, string>()
  const taken = new Set<string>()
  const roots = tables.filter((table) => table.parent === undefined)
  const groups = new Map<string, Array<LocalTable>>()
  for (const root of roots) {
    const shape = root.known === undefined ? shapeOf(root.local, root.columns) : `known ${root.known}`
    groups.set(shape, [...(groups.get(shape) ?? []), root])
  }
  const rootsPerMember = new Map<string, number>()
  for (const root of roots) rootsPerMember.set(root.member, (rootsPerMember.get(root.member) ?? 0) + 1)

  // A base that the configuration has changed since (`into`) takes all tables with it.
  const isMoved = pinned.some((pin) => pin.member === "" && pin.local === "" && pin.table !== base)
  const kept = isMoved ? [] : pinned
  const before = new Map(
    [...groups].map(([shape, group]) => [
      shape,
      kept.find((pin) => group.some((table) => table.member === pin.member && table.local === pin.local))?.table ??
        kept.find((pin) => pin.columns.length > 0 && shapeOf(pin.local, pin.columns) === shape)?.table,
    ]),
  )
  for (const name of before.values()) if (name !== undefined) taken.add(name)

  for (const [shape, group] of groups) {
    const first = group[0]
    if (first === undefined) continue
    let name = before.get(shape) ?? (groups.size === 1 && first.known === undefined ? base : undefined)
    if (name === undefined) {
      const stem = first.known ?? (first.member === "" ? "" : sharedStem(group.map((table) => table.member)))
      const local = (rootsPerMember.get(first.member) ?? 1) > 1 ? first.local : ""
      name = tableName(base, stem, local)
      for (let n = 2; taken.has(name); n++) name = tableName(base, stem, local, String(n))
    }
    taken.add(name)
    for (const table of group) names.set(localKey(table.member, table.local), name)
  }

  // A child is named after its parent, by what its own local name adds; parents always precede children.
  for (const child of tables) {
    if (child.parent === undefined) continue
    const parent = names.get(localKey(child.member, child.parent)) ?? base
    const own = child.local.startsWith(`${child.parent}__`) ? child.local.slice(child.parent.length + 2) : child.local
    names.set(localKey(child.member, child.local), tableName(`${parent}__${own}`))
  }
  return names
}
