/** Names of columns, files and tables that were chosen to hurt whoever takes a name for anything but a name. */
export const hostileNames: ReadonlyArray<string> = [
  // Of JavaScript's objects.
  "__proto__",
  "constructor",
  "toString",
  // Of SQL.
  'a"b',
  "a'; drop table x; --",
  "select",
  "$x",
  "a;b,c|d",
  // Equal once folded.
  "Nom",
  "NOM",
  "nòm",
  // Ours.
  "_row",
  "_load_id",
  // Of file systems.
  "../../etc/passwd",
  "CON",
  "C:\\temp\\x.csv",
  // Written to deceive: right to left, nothing to see, a letter that only looks like one.
  "\u202egnirts",
  "a\u200bb",
  "раураl",
  "Œuvre €",
  "😀",
  "  ",
  "é".repeat(300),
]

/** Those of which no earlier one differs by case alone. */
export const distinctOnceFolded = (names: ReadonlyArray<string>): ReadonlyArray<string> =>
  names.filter((name, at) => names.findIndex((other) => other.toLowerCase() === name.toLowerCase()) === at)
