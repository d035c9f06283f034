/**
 * Public contracts and their holders, in the shape of the DECP files of data.gouv.fr: one object with one long list, a nested
 * object, a nested list of 0 to 3 objects; 5 % of the amounts are texts. Counted while written.
 */
import { closeSync, openSync, writeSync } from "node:fs"
import { seeded, type Random } from "../measure/random.ts"

/** Exact figures of the file. */
export interface Oracle {
  readonly contracts: number
  readonly holders: number
  /** Sum of `montant`, in cents. */
  readonly amountCents: bigint
  readonly months: number
  /** Contracts whose `lieuExecution.code` is 2A004. */
  readonly inAjaccio: number
  /** Sum over the holders of their rank times the months of their contract: wrong as soon as a child hangs on another parent. */
  readonly rankTimesMonths: number
}

const subjects = [
  "Travaux de voirie – lot n° 2",
  "Fourniture de denrées",
  'Maîtrise d’œuvre "école"',
  "Nettoyage\ndes locaux",
] as const
const names = ["Société Générale d’Étanchéité", "Bâtir & Fils", "Les Œuvres du Sud", "EIFFEL; GUSTAVE SARL"] as const
const places = ["01001", "2A004", "75056", "97105"] as const

const digits = (random: Random, length: number): string => String(random.below(10 ** length)).padStart(length, "0")

/** Writes at least `bytes` bytes; the contracts are the member `key` of an object, or the whole file. */
export const generate = (path: string, bytes: number, seed: number, key?: string): Oracle => {
  const random = seeded(seed)
  const file = openSync(path, "w")
  let written = 0
  let block = key === undefined ? "[\n" : `{${JSON.stringify(key)}:[\n`
  let contracts = 0
  let holders = 0
  let cents = 0
  let allMonths = 0
  let inAjaccio = 0
  let rankTimesMonths = 0
  while (written < bytes) {
    const montant = random.below(50_000_000_00)
    const months = 1 + random.below(48)
    const place = random.pick(places)
    const titulaires = Array.from({ length: random.below(4) }, (_, index) => ({
      rang: index + 1,
      id: `${digits(random, 9)}${digits(random, 5)}`,
      typeIdentifiant: "SIRET",
      denominationSociale: random.pick(names),
    }))
    const contract = {
      id: `2023${String(contracts).padStart(9, "0")}`,
      uid: `${digits(random, 9)}${digits(random, 5)}-${contracts}`,
      nature: random.chance(0.8) ? "Marché" : "Accord-cadre",
      objet: random.pick(subjects),
      codeCPV: `${digits(random, 8)}-${random.below(10)}`,
      procedure: random.chance(0.7) ? "Procédure adaptée" : "Appel d'offres ouvert",
      lieuExecution: { code: place, typeCode: "Code commune", nom: `Commune ${place}` },
      dureeMois: months,
      dateNotification: `20${10 + random.below(14)}-0${1 + random.below(9)}-1${random.below(10)}`,
      montant: random.chance(0.05) ? (montant / 100).toFixed(2) : montant / 100,
      titulaires,
    }
    block += `${contracts === 0 ? "" : ",\n"}${JSON.stringify(contract)}`
    contracts++
    holders += titulaires.length
    cents += montant
    allMonths += months
    if (place === "2A004") inAjaccio++
    for (const { rang } of titulaires) rankTimesMonths += rang * months
    if (block.length > 1 << 20) {
      written += writeSync(file, block)
      block = ""
    }
  }
  writeSync(file, `${block}\n]${key === undefined ? "" : "}"}\n`)
  closeSync(file)
  return { contracts, holders, amountCents: BigInt(cents), months: allMonths, inAjaccio, rankTimesMonths }
}
