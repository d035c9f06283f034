/** Text of a workbook: control characters are written `_x000D_`, an underscore before such text `_x005F_` (ECMA-376 part 1, 22.9.2.19). */
export const stringText = (text: string): string =>
  text.includes("_x")
    ? text.replaceAll(/_x([0-9A-Fa-f]{4})_/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    : text
