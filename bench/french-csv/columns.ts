/**
 * The 14 columns of the file: a register of grants as French administrations publish them. A value is a text, or a whole number:
 * the number itself, hundredths or millionths (`scale`), days since 2015, seconds since 2015, 1 or 0. It is written twice,
 * as the file has it and as the oracle counts it.
 */
import type { Random } from "../measure/random.ts"
import { type Commune, communes } from "./communes.ts"
import { amount, dayAsIso, dayAsPublished, secondAsIso, trimmedAmount } from "./notation.ts"

/** What a column must become. */
export type ColumnType = "integer" | "decimal" | "date" | "timestamp" | "boolean" | "text"

/** A value; `undefined` is an empty cell. */
export type Value = string | number | undefined

/** The commune of the row, drawn once for all the columns that tell something of it. */
export interface Row {
  readonly number: number
  readonly commune: Commune
}

/** A column: how its values are drawn, and their two notations. */
export interface Column {
  readonly name: string
  readonly type: ColumnType
  /** Digits after the comma. */
  readonly scale: number
  readonly draw: (random: Random, row: Row) => Value
  /** As the file has it, before quoting. */
  readonly published: (value: string | number) => string
  /** As the oracle has it: ISO dates, decimal point and all digits of the scale, true and false. */
  readonly canonical: (value: string | number) => string
  /** Texts that are no value of this type, for the variant with bad cells. */
  readonly bad?: readonly [string, ...ReadonlyArray<string>]
}

const verbatim = String
const text = (name: string, draw: Column["draw"]): Column => ({
  name,
  type: "text",
  scale: 0,
  draw,
  published: verbatim,
  canonical: verbatim,
})

const integer = (name: string, draw: Column["draw"]): Column => ({
  name,
  type: "integer",
  scale: 0,
  draw,
  published: verbatim,
  canonical: verbatim,
  bad: ["une dizaine", "12 dont 3 refusés", "4?"],
})

/** `published` "fixed" keeps the zeros at the end, "trimmed" does not, as spreadsheets do. */
const decimal = (name: string, scale: number, zeros: "fixed" | "trimmed", draw: Column["draw"]): Column => ({
  name,
  type: "decimal",
  scale,
  draw,
  published: (value) =>
    zeros === "fixed" ? amount(Number(value), scale, ",") : trimmedAmount(Number(value), scale, ","),
  canonical: (value) => amount(Number(value), scale, "."),
  bad: ["12,5,6", "environ 300", "1 200 € HT"],
})

const sometimes =
  (share: number, draw: Column["draw"]): Column["draw"] =>
  (random, row) =>
    random.chance(share) ? draw(random, row) : undefined

/** The last digit that makes the Luhn sum of a SIREN or SIRET a multiple of ten. */
const luhnDigit = (digits: string): string => {
  let sum = 0
  for (let index = digits.length - 1, double = true; index >= 0; index--, double = !double) {
    const digit = digits.charCodeAt(index) - 48
    sum += double ? (digit > 4 ? digit * 2 - 9 : digit * 2) : digit
  }
  return String((10 - (sum % 10)) % 10)
}

/** One in 200 begins with zero, as the oldest public bodies do. */
const siret = (random: Random): string => {
  const siren = `${random.chance(0.005) ? 0 : 2 + random.below(8)}${String(random.below(1e7)).padStart(7, "0")}`
  const establishment = `${siren}${luhnDigit(siren)}${String(1 + random.below(40)).padStart(4, "0")}`
  return establishment + luhnDigit(establishment)
}

const subjects = [
  "Rénovation énergétique de l’école élémentaire",
  "Création d’une piste cyclable",
  "Fonctionnement annuel",
  "Réfection de la toiture du gymnase",
  "Aide à l’équipement numérique",
  "Festival d’été – édition 2023",
  "Mise aux normes de l’assainissement",
  "Prêt d’honneur (taux zéro, 5 000 €)",
] as const
const endings = ["", "", "", " - tranche 1", " - tranche 2", " (solde)", ", lot n° 3", " : phase d’étude"] as const

/** Free text: 3 % with the delimiter, 1.5 % on several lines, 1 % with quotes. */
const subject = (random: Random): string => {
  const plain = `${random.pick(subjects)}${random.pick(endings)}`
  const kind = random.below(1000)
  if (kind < 30) return `${plain} ; avenant`
  if (kind < 45) return `${plain}\nPièces jointes : délibération\nVu le maire`
  return kind < 55 ? `${plain} dit "Cœur de bourg"` : plain
}

/** In the order of the file. */
export const columns: ReadonlyArray<Column> = [
  integer("identifiant", (_, row) => 1_000_000 + row.number),
  text("code_commune", (_, row) => row.commune.code),
  text("commune", (_, row) => row.commune.name),
  text("code_postal", (_, row) => row.commune.postalCode),
  text("siret", siret),
  {
    name: "date_convention",
    type: "date",
    scale: 0,
    draw: (random) => random.below(4000),
    published: (value) => dayAsPublished(Number(value)),
    canonical: (value) => dayAsIso(Number(value)),
    bad: ["31/02/2023", "courant mars", "15/2023"],
  },
  {
    name: "mise_a_jour",
    type: "timestamp",
    scale: 0,
    draw: sometimes(0.99, (random) => random.below(4000 * 86_400)),
    published: (value) => secondAsIso(Number(value)),
    canonical: (value) => secondAsIso(Number(value)),
    bad: ["2023-02-30T10:00:00", "hier", "2023-13-01T00:00:00"],
  },
  integer(
    "nombre_dossiers",
    sometimes(0.92, (random) => random.below(random.chance(0.02) ? 40_000 : 60)),
  ),
  decimal("montant", 2, "fixed", (random) =>
    random.chance(0.01) ? -random.below(50_000_00) : random.below(random.chance(0.1) ? 900_000_00 : 9_000_00),
  ),
  decimal(
    "taux",
    2,
    "trimmed",
    sometimes(0.8, (random) => (random.chance(0.7) ? 5_00 * random.below(21) : random.below(100_01))),
  ),
  decimal(
    "latitude",
    6,
    "trimmed",
    sometimes(0.97, (random, row) => row.commune.latitude + random.below(40_000)),
  ),
  decimal(
    "longitude",
    6,
    "trimmed",
    sometimes(0.97, (random, row) => row.commune.longitude + random.below(40_000)),
  ),
  {
    name: "versement_unique",
    type: "boolean",
    scale: 0,
    draw: sometimes(0.98, (random) => random.below(2)),
    published: (value) => (value === 1 ? "oui" : "non"),
    canonical: (value) => (value === 1 ? "true" : "false"),
    bad: ["peut-être", "à vérifier"],
  },
  text("objet", sometimes(0.95, subject)),
]

const allCommunes = communes()

/** What all columns of a row share. */
export const drawRow = (random: Random, number: number): Row => ({ number, commune: random.pick(allCommunes) })
