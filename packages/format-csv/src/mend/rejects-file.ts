/** Rejects on their way to the engine: a line each, texts in base64, so that nothing in them ends a cell or a line. */
import type { Reject } from "@opendatahub-sql/core"
import { LAST_SCAN } from "../read-csv.ts"

const base64 = (text: string): string => Buffer.from(text).toString("base64")

export const rejectLine = ({ row, code, raw, message = "", line, byte, byteLength }: Reject): string =>
  `${row},${code},${base64(raw)},${base64(message)},${line ?? ""},${byte ?? ""},${byteLength ?? ""}\n`

const columns = {
  row: "BIGINT",
  code: "VARCHAR",
  raw: "VARCHAR",
  message: "VARCHAR",
  line: "BIGINT",
  byte: "BIGINT",
  byte_length: "BIGINT",
}

/** The rejects of the file at `path`, and whatever the engine itself does not take, which is under no code that is kept. */
export const rejectsSql = (path: string): string => {
  const types = Object.entries(columns).map(([name, type]) => `'${name}': '${type}'`)
  const text = (name: string): string => `coalesce(decode(from_base64(${name})), '') as ${name}`
  return `select * replace (${text("raw")}, ${text("message")}) from read_csv(${path}, auto_detect=false, header=false, delim=',', quote='', escape='', nullstr='', columns={${types.join(", ")}})
    union all select line, 'unreadable: ' || lower(error_type::varchar), csv_line, error_message, line, null, null from reject_errors where ${LAST_SCAN}`
}
