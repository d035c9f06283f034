/** 35,000 communes that do not exist, with codes of the forms INSEE gives: 01001, 2A004, 97105. */
import { type Random, seeded } from "../measure/random.ts"

/** A commune; latitude and longitude in millionths of a degree. */
export interface Commune {
  readonly code: string
  readonly postalCode: string
  readonly name: string
  readonly latitude: number
  readonly longitude: number
}

const departments: ReadonlyArray<string> = [
  ...Array.from({ length: 95 }, (_, index) => String(index + 1).padStart(2, "0")).filter((code) => code !== "20"),
  "2A",
  "2B",
  "971",
  "972",
  "974",
]

const firsts = [
  "Saint-Étienne",
  "La Ferté",
  "Neuville",
  "L’Haÿ",
  "Château",
  "Bœurs",
  "Fontaine",
  "Crécy",
  "Œuilly",
  "Pré",
  "Villers",
  "Mézières",
  "Aÿ",
  "Besançon",
  "Sainte-Geneviève",
  "Le Plessis",
] as const
const seconds = [
  "",
  "",
  "-sur-Loire",
  "-lès-Mâcon",
  "-en-Forêt",
  "-aux-Bœufs",
  "-la-Côte",
  "-d’Août",
  "-Grandvœu",
] as const

const commune = (department: string, number: number, random: Random): Commune => {
  const code = department + String(number).padStart(5 - department.length, "0")
  return {
    code,
    postalCode:
      (department.startsWith("2A") || department.startsWith("2B") ? "20" : department).padEnd(3, "1") +
      `${random.below(9)}0`,
    name: `${random.pick(firsts)}${random.pick(seconds)}`,
    latitude: 42_300_000 + random.below(8_700_000),
    longitude: -4_700_000 + random.below(12_900_000),
  }
}

/** The same list each time. */
export const communes = (): readonly [Commune, ...ReadonlyArray<Commune>] => {
  const random = seeded(2023)
  const all = departments.flatMap((department) =>
    Array.from({ length: department.length === 3 ? 34 : 363 }, (_, index) => commune(department, index + 1, random)),
  )
  const [first, ...others] = all
  if (first === undefined) throw new Error("there are departments")
  return [first, ...others]
}
