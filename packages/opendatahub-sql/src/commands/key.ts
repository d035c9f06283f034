/** `a,b` → the columns. */
export const columnsOf = (option: string | undefined): ReadonlyArray<string> | undefined =>
  option
    ?.split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "")
