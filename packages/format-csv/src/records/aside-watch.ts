/** Holds back records that may be none of their table until what follows tells: see `aside.ts` for how. */
import { footersIn, type Held, type Role, roleOf, type Shape, startsTable } from "./aside.ts"

/** More records than these are held back by no footer, those of nothing but delimiters aside: spreadsheets write many. */
const MOST = 50

/** What becomes of the records held back, in their order. */
export interface Told {
  /** Rows or rejects of the table after all. */
  readonly records: ReadonlyArray<Held>
  /** None of the table: names said once more, what stands below it, what stands above the next one. */
  readonly repeated: ReadonlyArray<Held>
  readonly footers: ReadonlyArray<{ readonly record: Held; readonly role: Role }>
  readonly next:
    | { readonly titles: ReadonlyArray<Held>; readonly names: Held; readonly body: ReadonlyArray<Held> }
    | undefined
}

const nothing: Told = { records: [], repeated: [], footers: [], next: undefined }

export interface AsideWatch {
  /** Whether records are held back, so that the next one must be shown too. */
  readonly holds: () => boolean
  readonly show: (record: Held, shape: Shape) => Told
  readonly end: (shape: Shape) => Told
}

/** `footers`: whether records at the end of a file may stand below its table. */
export const asideWatch = (footers: boolean): AsideWatch => {
  let held: Array<Held> = []
  let roles: Array<Role> = []
  let body: Array<Held> = []

  const flush = (more: ReadonlyArray<Held> = []): Told => {
    const records = [...held, ...body, ...more]
    held = []
    roles = []
    body = []
    return { ...nothing, records }
  }
  const clear = <A>(told: A): A => {
    flush()
    return told
  }
  /** The table that begins with the names held back last, if the records after them make one. */
  const begins = (shape: Shape): Told | undefined => {
    const names = held.at(-1)
    const gap = held.some((record) => record.afterGap)
    if (names === undefined || roles.at(-1) !== "names" || !startsTable(names, body, gap, shape)) return undefined
    return clear({ ...nothing, next: { titles: held.slice(0, -1), names, body } })
  }

  const show = (record: Held, shape: Shape): Told => {
    const names = held.at(-1)
    if (names !== undefined && roles.at(-1) === "names") {
      if (record.cells.length === names.cells.length && !record.afterGap) {
        body.push(record)
        return begins(shape) ?? (body.length > 3 ? flush() : nothing)
      }
      const before = flush()
      const after = show(record, shape)
      return { ...after, records: [...before.records, ...after.records] }
    }
    const role = roleOf(record, shape, roles.at(-1) === "blank")
    if (role === undefined) return flush([record])
    // Names that are said once more go on with their table, unless a title says of what they are.
    if (role === "repeated")
      return clear(
        roles.includes("note")
          ? { ...nothing, next: { titles: held, names: record, body: [] } }
          : { ...nothing, repeated: [...held, record] },
      )
    const last = held.at(-1)
    const goesOn = role === "blank" && roles.at(-1) === "blank" && last?.fits === record.fits
    // Of a long run of blank records only the first ones are kept one by one.
    held.push(goesOn && held.length > MOST ? last : record)
    roles.push(role)
    return held.length > MOST && !goesOn ? flush() : nothing
  }

  return {
    holds: () => held.length > 0,
    show,
    end: (shape) => {
      const table = body.length > 0 ? begins(shape) : undefined
      if (table !== undefined) return table
      const below = !footers || body.length > 0 ? 0 : footersIn(held, roles, shape)
      const from = held.length - below
      const told = held.slice(from).map((record, index) => ({ record, role: roles[from + index] ?? "note" }))
      const { records } = flush()
      return { ...nothing, records: records.slice(0, records.length - below), footers: told }
    },
  }
}
