/** A geometry that cannot be taken: its row stays, the geometry is NULL. */
import { RAW_CHARACTERS, rawText, type Reject } from "@opendatahub-sql/core"

/** The reject of the geometry of one row; `bytes` as the file has them. */
export const rejectedGeometry = (row: number, bytes: Uint8Array, message: string): Reject => ({
  row,
  column: "geometry",
  code: "invalid-geometry",
  message,
  raw: rawText(Buffer.from(bytes.subarray(0, RAW_CHARACTERS)).toString("hex")),
})
