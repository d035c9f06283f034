/** The golden files, and what they are compared with: the same hashes over our typed tables. */
import type { Cell, ColumnType } from "@opendatahub-sql/core"
import { createHash } from "node:crypto"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"

const folder = new URL("../../../../fixtures/golden/", import.meta.url).pathname

/** A column as Python's standard library reads it; see `fixtures/golden/README.md`. */
export interface GoldenColumn {
  readonly name: string
  readonly type: string
  readonly alsoRight?: ReadonlyArray<string>
  readonly missingWords?: Readonly<Record<string, number>>
  readonly nonNull: number
  readonly sha256: string
  readonly sum?: string
  readonly min?: string
  readonly max?: string
}

/** A table as Python's standard library reads it. */
export interface Golden {
  readonly name: string
  readonly file: string
  readonly member?: string
  readonly path?: string
  readonly rows: number
  readonly rowsSha256: string
  readonly columns: ReadonlyArray<GoldenColumn>
  readonly samples: ReadonlyArray<{ readonly row: number; readonly values: ReadonlyArray<string | null> }>
  /** For a child: the row of each row's parent, from 1, or the hash of these. */
  readonly parentRows?: ReadonlyArray<number>
  readonly parentRowsSha256?: string
  readonly unclosedRows?: ReadonlyArray<number>
}

/** Every table of the golden files, by name. */
export const goldenTables: ReadonlyArray<Golden> = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .flatMap((entry) => readdirSync(join(folder, entry.name)).map((file) => `${entry.name}/${file}`))
  .filter((path) => !path.endsWith("/members.json"))
  .toSorted()
  .map((path) => ({
    name: path.replace(/\.json$/, ""),
    ...(JSON.parse(readFileSync(join(folder, path), "utf8")) as Omit<Golden, "name">),
  }))

/** Whether the rows hang on those of another table of the file. */
export const isChild = (golden: Golden): boolean =>
  golden.parentRows !== undefined || golden.parentRowsSha256 !== undefined

export const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex")

/** Our type in the words of the golden files. */
export const kindOf = (type: ColumnType): string =>
  type === "bigint" ? "integer" : type.startsWith("decimal") ? "decimal" : type === "json" ? "text" : type

const plain = (number: string): string =>
  (number.includes(".") ? number.replace(/0+$/, "").replace(/\.$/, "") : number).replace(/^-0$/, "0")

/** A value in the golden files' notation. */
export const canonical = (value: Cell, kind: string): string | null => {
  // Python writes an empty element as it writes an empty cell; our XML reader keeps `<adresse/>` as the empty text.
  if (value === null || value === "") return null
  const text = String(value)
  switch (kind) {
    case "integer":
    case "decimal":
      // 20161101, which we may take as a date.
      return plain(/^\d{4}-\d\d-\d\d$/.test(text) ? text.replaceAll("-", "") : text)
    case "timestamp":
    case "timestamptz":
      return text
        .replace(" ", "T")
        .replace(/\.0+(?=Z|$)/, "")
        .replace(/(\.\d*?)0+(?=Z|$)/, "$1")
    default:
      return text
  }
}
