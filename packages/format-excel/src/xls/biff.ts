/** Workbooks of Excel 2 to 4: one sheet of records, without a container around it. */

/** A record of the beginning: its version, its length; then what begins, a sheet or a workbook. */
export const isBiff = ([record, version, length, high, , , kind, kindHigh]: Uint8Array): boolean =>
  record === 0x09 &&
  (version === 0x00 || version === 0x02 || version === 0x04) &&
  (length === 4 || length === 6) &&
  high === 0 &&
  ((kind === 0x10 && kindHigh === 0) || (kind === 0 && kindHigh === 1))
