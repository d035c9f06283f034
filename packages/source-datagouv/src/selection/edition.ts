/** Which of several resources is the newest edition, and what to call that one so that its id outlives it. */
import { createHash } from "node:crypto"
import type { ResourceRules } from "../options.ts"
import type { ResourceAnswer } from "../portal/answers.ts"
import { fileName } from "./file-name.ts"

const MONTHS = [
  "janvier",
  "fevrier",
  "mars",
  "avril",
  "mai",
  "juin",
  "juillet",
  "aout",
  "septembre",
  "octobre",
  "novembre",
  "decembre",
]
const YEAR = "(?<y>19\\d\\d|20\\d\\d)"
const MONTH = "(?<m>0[1-9]|1[0-2])"
const DAY = "(?<d>0[1-9]|[12]\\d|3[01])"

/** Most precise first: what one form has taken, the next ones no longer see. */
const FORMS: ReadonlyArray<RegExp> = [
  `${YEAR}[-_./ ]${MONTH}[-_./ ]${DAY}`,
  `${DAY}[-_./ ]${MONTH}[-_./ ]${YEAR}`,
  `${YEAR}${MONTH}${DAY}(?:\\d{4}|\\d{6})?`,
  `(?<d>\\d{1,2})(?:er)?[-_ ]?(?<name>${MONTHS.join("|")})[-_ ]?${YEAR}`,
  `(?<name>${MONTHS.join("|")})[-_ ]?${YEAR}`,
  `${YEAR}[-_./ ]${MONTH}`,
  `${MONTH}[-_./ ]${YEAR}`,
  YEAR,
].map((form) => new RegExp(`(?<![0-9])${form}(?![0-9])`, "g"))

/** The latest date that a title or file name tells: `2024`, `2024-07` or `2024-07-01`. Forms that can be misread (`010724`) do not count. */
export const dateInText = (text: string): string | undefined => {
  let rest = text
    .normalize("NFKD")
    .replaceAll(/\p{M}+/gu, "")
    .toLowerCase()
  const dates: Array<string> = []
  for (const form of FORMS) {
    rest = rest.replaceAll(form, (...match) => {
      const { y, m, d, name } = match.at(-1) as Partial<Record<"y" | "m" | "d" | "name", string>>
      const month = name === undefined ? m : String(MONTHS.indexOf(name) + 1).padStart(2, "0")
      dates.push([y, month, d?.padStart(2, "0")].filter((part) => part !== undefined).join("-"))
      return " "
    })
  }
  return dates.toSorted().at(-1)
}

const editionDate = (resource: ResourceAnswer): string | undefined =>
  dateInText(resource.title ?? "") ?? dateInText(fileName(resource.url))

const instant = (text: string | null | undefined): number => {
  const parsed = Date.parse(text ?? "")
  return Number.isNaN(parsed) ? 0 : parsed
}

/**
 * Newest first. The date that the title (else the file name) tells decides when every candidate tells one: a producer who corrects last
 * year's file moves its `last_modified`, not its edition. Then the day the resource was created, then `last_modified`, then the portal's order.
 */
export const newestFirst = <A extends { readonly answer: ResourceAnswer }>(
  candidates: ReadonlyArray<A>,
): ReadonlyArray<A> => {
  const dated = candidates.map((candidate) => ({ candidate, date: editionDate(candidate.answer) ?? "" }))
  const byDate = dated.every(({ date }) => date !== "")
  return dated
    .toSorted(
      ({ candidate: { answer: a }, date: dateA }, { candidate: { answer: b }, date: dateB }) =>
        (byDate && dateA !== dateB ? (dateA < dateB ? 1 : -1) : 0) ||
        instant(b.created_at) - instant(a.created_at) ||
        instant(b.last_modified) - instant(a.last_modified),
    )
    .map(({ candidate }) => candidate)
}

const sorted = (value: unknown): unknown =>
  typeof value !== "object" || value === null || Array.isArray(value)
    ? value
    : Object.fromEntries(
        Object.entries(value)
          .toSorted(([a], [b]) => (a < b ? -1 : 1))
          .map(([key, inner]) => [key, sorted(inner)]),
      )

/** The id of the one resource that a `newest: 1` rule keeps of a dataset: it depends on the dataset and the rule alone. */
export const logicalId = (datasetId: string, rules: ResourceRules): string =>
  `newest-${createHash("sha256")
    .update(JSON.stringify([datasetId, sorted(rules)]))
    .digest("hex")
    .slice(0, 16)}`
