/**
 * Units that people write behind a number, and currencies before it. The list is closed: `59 Nord` is no number of anything, and volts and amperes
 * are left out, as `12 A` is a street number. A number is typed
 * without its unit only where the whole column has the same one.
 */

/** By the name that is reported: other spellings. Those of two letters and more are taken in any case. */
const spellings: Readonly<Record<string, ReadonlyArray<string>>> = {
  "%": [],
  "‰": [],
  "€": ["EUR", "euro", "euros"],
  "€ HT": ["€HT", "EUR HT", "euros HT"],
  "€ TTC": ["€TTC", "EUR TTC", "euros TTC"],
  "k€": ["kEUR", "keuros"],
  "M€": ["MEUR", "Meuros"],
  $: ["USD", "US$"],
  "£": ["GBP"],
  CHF: [],
  XPF: ["FCFP", "F CFP"],
  "€/m²": ["€/m2"],
  "€/mois": [],
  "€/an": [],
  "€/jour": ["€/j"],
  "€/h": ["€/heure"],
  "€/t": ["€/tonne"],
  "€/l": [],
  "€/kWh": [],
  "€/MWh": [],
  "€/hab": ["€/hab.", "€/habitant"],
  mm: [],
  cm: [],
  m: ["mètre", "mètres"],
  km: ["kilomètre", "kilomètres"],
  ml: [],
  "cm²": ["cm2"],
  "m²": ["m2"],
  "km²": ["km2"],
  ha: ["hectare", "hectares"],
  "m³": ["m3"],
  l: ["L", "litre", "litres"],
  cl: [],
  hl: [],
  g: ["gramme", "grammes"],
  mg: [],
  kg: ["kilo", "kilos"],
  t: ["tonne", "tonnes"],
  µg: ["μg"],
  W: [],
  kW: [],
  MW: [],
  GW: [],
  kWc: [],
  MWc: [],
  kVA: [],
  MVA: [],
  Wh: [],
  kWh: [],
  MWh: [],
  GWh: [],
  TWh: [],
  tep: [],
  ktep: [],
  kV: [],
  mA: [],
  Hz: [],
  kHz: [],
  MHz: [],
  GHz: [],
  "km/h": [],
  "m/s": [],
  "m³/s": ["m3/s"],
  "m³/h": ["m3/h"],
  "m³/j": ["m3/j", "m³/jour", "m3/jour"],
  "l/s": [],
  "l/min": [],
  "°C": ["℃"],
  "°": [],
  hPa: [],
  bar: ["bars"],
  an: ["ans", "année", "années"],
  mois: [],
  semaine: ["semaines"],
  j: ["jour", "jours"],
  heure: ["heures"],
  min: ["mn", "minute", "minutes"],
  s: ["sec", "seconde", "secondes"],
  ms: [],
  Ko: [],
  Mo: [],
  Go: [],
  To: [],
  "Mbit/s": ["Mbits/s", "Mbps"],
  "Gbit/s": ["Gbits/s", "Gbps"],
  dB: [],
  "dB(A)": ["dBA"],
  "mg/l": [],
  "g/l": [],
  "µg/l": ["μg/l"],
  "ng/l": [],
  "mg/kg": [],
  "µg/m³": ["µg/m3", "μg/m³", "μg/m3"],
  "mg/m³": ["mg/m3"],
  "g/km": [],
  "gCO2/km": ["g CO2/km", "gCO₂/km"],
  kgCO2: ["kg CO2", "kgCO₂"],
  tCO2: ["t CO2", "tCO₂"],
  "t/ha": [],
  "q/ha": [],
  "kg/ha": [],
  "kWh/m²": ["kWh/m2"],
  hab: ["hab.", "habitant", "habitants"],
  "hab/km²": ["hab/km2", "hab./km²", "hab./km2"],
  ppm: [],
  logement: ["logements"],
  place: ["places"],
  lit: ["lits"],
  ETP: [],
}

/** Currencies may stand before the number. */
const before = new Set(["€", "$", "£", "CHF"])

const isLoose = (spelling: string): boolean => spelling.length > 1

const loose = new Map<string, string>()
const exact = new Map<string, string>()
for (const [unit, others] of Object.entries(spellings)) {
  for (const spelling of [unit, ...others]) {
    exact.set(spelling, unit)
    if (isLoose(spelling)) loose.set(spelling.toLowerCase(), unit)
  }
}

const LONGEST = Math.max(...[...exact.keys()].map((spelling) => spelling.length))

const unitOf = (spelling: string): string | undefined =>
  spelling.length > LONGEST ? undefined : (exact.get(spelling) ?? loose.get(spelling.toLowerCase()))

const behind = /^([+\u2212-]?[\d.,][\d.,\p{Zs}]*?)\p{Zs}*([^\d\p{Zs}+\u2212.,-].*)$/u
const inFront = /^([^\d\p{Zs}+\u2212.,-]+)\p{Zs}*([+\u2212-]?[\d.,][\d.,\p{Zs}]*)$/u

/** The number and the unit of `12,5 %` or `€ 12`; `undefined` for anything else. What stands for the number may still be none. */
export const splitUnit = (text: string): { readonly number: string; readonly unit: string } | undefined => {
  const after = behind.exec(text)
  const unit = after === null ? undefined : unitOf(after[2] ?? "")
  if (after !== null) return unit === undefined ? undefined : { number: after[1] ?? "", unit }
  const ahead = inFront.exec(text)
  const currency = ahead === null ? undefined : unitOf(ahead[1] ?? "")
  return ahead === null || currency === undefined || !before.has(currency)
    ? undefined
    : { number: ahead[2] ?? "", unit: currency }
}

const escaped = (spelling: string): string => spelling.replaceAll(/[$.()]/g, String.raw`\$&`)

/** Every spelling of a unit as a regular expression of the engine (RE2), and whether it may stand before the number. */
export const unitPattern = (unit: string): { readonly pattern: string; readonly before: boolean } => {
  const alternatives = [unit, ...(spellings[unit] ?? [])].map((spelling) =>
    isLoose(spelling) ? `(?i:${escaped(spelling)})` : escaped(spelling),
  )
  return { pattern: `(?:${alternatives.join("|")})`, before: before.has(unit) }
}
