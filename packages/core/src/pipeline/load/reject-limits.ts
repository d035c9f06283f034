/** How many rejects a load may have: the share of the table's records that were left out or have a cell that was not taken. Pure. */
import { FormatError } from "../../contracts/errors.ts"
import { dataQuality } from "../../contracts/reason.ts"

/** Limits of one table; shares from 0 to 1. */
export interface RejectLimits {
  /** Above this share the file is refused. */
  readonly maxShare?: number
  /** Above this number of records the file is refused. */
  readonly maxRows?: number
  /** Above this share the file is loaded with a warning (0.01). */
  readonly warnShare?: number
}

/** What is counted: `rows` in the table, `rowRejects` left out, `rejectedRows` left out or with a refused cell. */
export interface RejectCounts {
  readonly rows: number
  readonly rowRejects: number
  readonly rejectedRows: number
}

/** The sums over the parts of a table. */
export const rejectCounts = (parts: ReadonlyArray<RejectCounts>): RejectCounts => {
  const sum = (of: keyof RejectCounts): number => parts.reduce((total, part) => total + part[of], 0)
  return { rows: sum("rows"), rowRejects: sum("rowRejects"), rejectedRows: sum("rejectedRows") }
}

const count = (records: number): string => records.toLocaleString("en-US")

/** Fails with `FormatError` (`DataQuality`) above a limit; a text is a warning. */
export const checkRejects = (
  table: string,
  { rows, rowRejects, rejectedRows }: RejectCounts,
  { maxShare = 1, maxRows = Infinity, warnShare = 0.01 }: RejectLimits,
): FormatError | string | undefined => {
  const records = rows + rowRejects
  const share = records === 0 ? 0 : rejectedRows / records
  const found = `${count(rejectedRows)} of ${count(records)} records of "${table}" (${Number((share * 100).toPrecision(3))} %) were left out or have a cell that was not taken`
  const limit = share > maxShare ? `maxShare ${maxShare}` : rejectedRows > maxRows ? `maxRows ${maxRows}` : undefined
  if (limit === undefined) return share > warnShare ? `${found}: \`odh rejects ${table}\` shows them` : undefined
  return new FormatError({
    plugin: "core",
    operation: "check the rejects",
    reason: dataQuality,
    message: `${found}, above the limit of its configuration (${limit}): nothing was loaded. \`odh lake ls\` names the file of rejects; correct how the file is read, or the limit, and sync again`,
  })
}
