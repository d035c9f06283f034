/** `odh star accept N`: the models and tests of a proposal, into the dbt project. */
import * as Effect from "effect/Effect"
import { existsSync } from "node:fs"
import { mkdir, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import type { Work } from "../../cli/command.ts"
import { UsageError } from "../../cli/usage-error.ts"
import { evidenceOf, nameOf } from "../../star/evidence.ts"
import { filesOf } from "../../star/render.ts"
import { writing } from "../writing.ts"
import { proposalsFor } from "./proposals.ts"

/** Never writes over a file: what was accepted belongs to who accepted it. */
export const work: Work = ({ positionals: [asked = ""], text, output, hub: config }) =>
  Effect.gen(function* () {
    const { folder, models, proposals } = yield* proposalsFor(yield* config, {
      sink: text("sink"),
      project: text("project"),
    })
    const proposal = /^[0-9]+$/.test(asked)
      ? proposals[Number(asked) - 1]
      : proposals.find((one) => nameOf(one) === asked)
    if (proposal === undefined)
      return yield* Effect.fail(
        new UsageError(`there is no proposal ${asked}: \`odh star suggest\` lists ${proposals.length}`),
      )
    const files = filesOf(proposal, models)
    const taken = files.find(({ path }) => existsSync(join(folder, path)))?.path
    if (taken !== undefined || (proposal.kind !== "join" && models.has(proposal.model)))
      return yield* Effect.fail(
        new UsageError(`${taken ?? nameOf(proposal)} is in the project already: take it away to accept this again`),
      )
    yield* writing(folder, async () => {
      for (const { path, text: content } of files) {
        await mkdir(dirname(join(folder, path)), { recursive: true })
        await writeFile(join(folder, path), content, { flag: "wx" })
      }
    })
    const written = files.map(({ path }) => path)
    output.result({ accepted: nameOf(proposal), kind: proposal.kind, evidence: evidenceOf(proposal), written }, () =>
      [`${proposal.kind} ${nameOf(proposal)}`, ...written.map((path) => `written: ${path}`)].join("\n"),
    )
    return 0
  })
