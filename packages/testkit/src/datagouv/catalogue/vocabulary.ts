import type { JsonObject } from "./json.ts"

const licences: Readonly<Record<string, readonly [title: string, url: string | null]>> = {
  lov2: ["Licence Ouverte / Open Licence version 2.0", "https://www.etalab.gouv.fr/licence-ouverte-open-licence"],
  "fr-lo": ["Licence Ouverte / Open Licence", "https://www.etalab.gouv.fr/licence-ouverte-open-licence"],
  "odc-odbl": ["Open Data Commons Open Database License (ODbL)", "http://opendatacommons.org/licenses/odbl/summary/"],
  notspecified: ["License Not Specified", null],
}

const frequencies: Readonly<Record<string, string>> = {
  continuous: "Temps réel",
  daily: "Quotidienne",
  weekly: "Hebdomadaire",
  monthly: "Mensuelle",
  quarterly: "Trimestrielle",
  annual: "Annuelle",
  punctual: "Ponctuelle",
  irregular: "Sans régularité",
  unknown: "Inconnue",
}

/** The licence as an object, for answers that want full objects. */
export const licenceObject = (id: string): JsonObject => {
  const [title, url] = licences[id] ?? [id, null]
  return { id, title, alternate_titles: [], url, maintainer: null, flags: [], alternate_urls: [] }
}

/** The frequency as an object. */
export const frequencyObject = (id: string): JsonObject => ({ id, label: frequencies[id] ?? id })
