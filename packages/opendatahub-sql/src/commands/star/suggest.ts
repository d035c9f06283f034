/** `odh star suggest`: keys, joins, dimensions and facts that the values of all tables speak for, with the evidence. */
import * as Effect from "effect/Effect"
import type { Work } from "../../cli/command.ts"
import { evidenceOf, nameOf } from "../../star/evidence.ts"
import { proposalsFor } from "./proposals.ts"

/** Reads the warehouse, writes nothing. */
export const work: Work = ({ text, output, hub: config }) =>
  Effect.gen(function* () {
    const { models, proposals } = yield* proposalsFor(yield* config, { sink: text("sink"), project: text("project") })
    const numbered = proposals.map((proposal, i) => ({
      number: i + 1,
      kind: proposal.kind,
      name: nameOf(proposal),
      accepted: proposal.kind !== "join" && models.has(proposal.model),
      evidence: evidenceOf(proposal),
    }))
    output.result({ proposals: numbered }, () =>
      [
        ...numbered.map(
          ({ number, kind, name, accepted, evidence }) =>
            `${String(number).padStart(3)}  ${kind.padEnd(9)}  ${name}${accepted ? "  (there already)" : ""}\n${evidence.map((line) => `                ${line}`).join("\n")}`,
        ),
        proposals.length === 0
          ? "nothing to suggest: no column's values are found in another table"
          : "`odh star accept N` writes the models and tests of one",
      ].join("\n"),
    )
    return 0
  })
