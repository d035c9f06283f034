/** A geometry that cannot be taken: its row stays, the geometry is NULL. */
import type { Reject } from "@opendatahub-sql/core"

/** Characters of the bytes, as hexadecimal, that are kept. */
const RAW_LENGTH = 10_000

/** The reject of the geometry of one row; `bytes` as the file has them. */
export const rejectedGeometry = (row: number, bytes: Uint8Array, message: string): Reject => ({
  row,
  column: "geometry",
  code: "invalid-geometry",
  message,
  raw: Buffer.from(bytes.subarray(0, RAW_LENGTH / 2)).toString("hex") + (bytes.length > RAW_LENGTH / 2 ? "…" : ""),
})
