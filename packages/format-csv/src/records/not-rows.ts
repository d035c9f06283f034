/** Records of a file that are rows and rejects of no table: counted, and the first of them told. */
import type { JsonObject } from "@opendatahub-sql/core"

/** `blank`: nothing but delimiters, at the end of the file. */
export type NotRow = "footer" | "blank" | "repeated header" | "title" | "header" | "comment"

const FIRST = 50
/** In characters. */
const TEXT = 1000

export const notRows = () => {
  let records = 0
  const first: Array<JsonObject> = []
  return {
    add: (what: NotRow, { line, raw }: { readonly line: number; readonly raw: string }, why?: string): void => {
      records++
      // One of a run of blank records tells of all.
      if (first.length < FIRST && !(what === "blank" && first.at(-1)?.["what"] === "blank"))
        first.push({ what, line, text: raw.slice(0, TEXT), ...(why === undefined ? {} : { why }) })
    },
    lines: () => records,
    facts: (): JsonObject => ({ records, first }),
  }
}
