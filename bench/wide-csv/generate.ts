/** Writes a CSV file of many columns: numbers, decimal commas, days and names in turn, the same bytes for the same seed. */
import { closeSync, openSync, writeSync } from "node:fs"
import { dayAsPublished } from "../french-csv/notation.ts"
import { type Random, seeded } from "../measure/random.ts"

/** The types in turn, as the reference is told them. */
export const kinds = ["BIGINT", "DECIMAL(18, 2)", "DATE", "VARCHAR"] as const

const names = ["Ardèche", "Aube", "Creuse", "Doubs", "Finistère", "Lozère", "Meuse", "Orne"] as const

const cell = (random: Random, kind: (typeof kinds)[number]): string => {
  if (random.chance(0.1)) return ""
  switch (kind) {
    case "BIGINT":
      return String(random.below(100_000))
    case "DECIMAL(18, 2)":
      return `${random.below(5000)},${String(random.below(100)).padStart(2, "0")}`
    case "DATE":
      return dayAsPublished(random.below(4000))
    case "VARCHAR":
      return random.pick(names)
  }
}

/** The type of a column. */
export const kindOf = (column: number): (typeof kinds)[number] => kinds[column % kinds.length] ?? "VARCHAR"

/** Writes at least so many bytes. */
export const generate = (path: string, columns: number, bytes: number): void => {
  const random = seeded(7)
  const file = openSync(path, "w")
  const all = Array.from({ length: columns }, (_, column) => column)
  let block = `${all.map((column) => `colonne_${column}`).join(";")}\r\n`
  let written = 0
  while (written < bytes) {
    for (; block.length < Math.min(1 << 20, bytes - written); block += "\r\n")
      block += all.map((column) => cell(random, kindOf(column))).join(";")
    written += writeSync(file, Buffer.from(block, "utf8"))
    block = ""
  }
  closeSync(file)
}
