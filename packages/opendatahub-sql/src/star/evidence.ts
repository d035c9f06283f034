/** Proposals in words: what speaks for each. */
import type { Join } from "./joins.ts"
import { SKETCH } from "./profile.ts"
import type { Dimension, Fact, JoinProposal, Proposal } from "./proposals.ts"

const list = (names: ReadonlyArray<string>, most = 6): string =>
  names.length <= most ? names.join(", ") : `${names.slice(0, most).join(", ")} and ${names.length - most} more`

/** Rounded down: 100 % means all. */
const percent = (share: number): string => `${Math.floor(share * 1000) / 10} %`

/** `a.b → c.d`. */
export const joinName = ({ from, to }: Join): string => `${from.table.name}.${from.name} → ${to.table.name}.${to.name}`

const joinEvidence = ({ join, misses }: JoinProposal): ReadonlyArray<string> => {
  const { share, looked, affinity, to, from } = join
  const found = Math.round(share * looked)
  return [
    `${found} of ${looked} values found (${percent(share)})${from.distinct > SKETCH ? `, a sample of ${Math.round(from.distinct)}` : ""}`,
    ...(misses.length === 0 ? [] : [`not found: ${misses.join(", ")}`]),
    to.isUnique ? `${to.name} is unique` : `${to.name} repeats: ${Math.round(to.distinct)} values on ${to.full} rows`,
    ...(affinity === 1 ? ["the names mean the same"] : affinity > 0 ? ["the names share a word"] : []),
    ...(from.type === to.type ? [] : [`compared as text: ${from.type} and ${to.type}`]),
  ]
}

const dimensionEvidence = ({ key, columns, members, usedBy }: Dimension): ReadonlyArray<string> => [
  members._tag === "Shared"
    ? `SIRET numbers in ${members.columns.length} columns`
    : `key ${key.name}: ${Math.round(key.distinct)} members${key.distinct < key.full ? ` on ${key.full} rows` : ""}`,
  ...(members._tag === "Inner" ? [`on every row, ${list(columns.map(({ name }) => name))} follows from it`] : []),
  `named by ${list(usedBy)}`,
]

const factEvidence = ({ roles, days, measures, columns }: Fact): ReadonlyArray<string> => [
  `${columns[0]?.rows ?? 0} rows`,
  measures.length === 0 ? "no measure: its rows are counted" : `measures ${list(measures.map(({ name }) => name))}`,
  list([
    ...roles.map(({ from, dimension }) => `${from.name} → ${dimension.model}`),
    ...days.map(({ name }) => `${name} → dim_date`),
  ]),
]

/** The name by which a proposal can be accepted: of a model, or of a join. */
export const nameOf = (proposal: Proposal): string =>
  proposal.kind === "join" ? joinName(proposal.join) : proposal.model

/** What speaks for a proposal, a phrase each. */
export const evidenceOf = (proposal: Proposal): ReadonlyArray<string> =>
  proposal.kind === "join"
    ? joinEvidence(proposal)
    : proposal.kind === "dimension"
      ? dimensionEvidence(proposal)
      : factEvidence(proposal)
