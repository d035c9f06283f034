/** `odh star accept N…`: the models and tests of proposals, into the dbt project. */
import * as Effect from "effect/Effect"
import { existsSync } from "node:fs"
import { mkdir, writeFile } from "node:fs/promises"
import { basename, dirname, join } from "node:path"
import type { Work } from "../../cli/command.ts"
import { UsageError } from "../../cli/usage-error.ts"
import type { GeneratedFile } from "../../dbt/render.ts"
import { evidenceOf, nameOf } from "../../star/evidence.ts"
import type { Proposal } from "../../star/proposals.ts"
import { filesOf } from "../../star/render.ts"
import { writing } from "../writing.ts"
import { proposalsFor } from "./proposals.ts"

const find = (proposals: ReadonlyArray<Proposal>, asked: string): Effect.Effect<Proposal, UsageError> => {
  const found = /^[0-9]+$/.test(asked)
    ? proposals[Number(asked) - 1]
    : proposals.find((proposal) => nameOf(proposal) === asked)
  return found === undefined
    ? Effect.fail(new UsageError(`there is no proposal ${asked}: \`odh star suggest\` lists ${proposals.length}`))
    : Effect.succeed(found)
}

/** A dimension that two facts bring is written once. */
const filesOfAll = (accepted: ReadonlyArray<Proposal>, models: ReadonlySet<string>): ReadonlyArray<GeneratedFile> => [
  ...new Map(
    accepted.flatMap((proposal) => filesOf(proposal, models)).map((file) => [file.path, file] as const),
  ).values(),
]

/** Never writes over a file: what was accepted belongs to who accepted it. */
export const work: Work = ({ positionals, text, output, hub: config }) =>
  Effect.gen(function* () {
    const { folder, models, proposals } = yield* proposalsFor(yield* config, {
      sink: text("sink"),
      project: text("project"),
    })
    const accepted = yield* Effect.forEach(positionals, (asked) => find(proposals, asked))
    const files = filesOfAll(accepted, models)
    const taken = files.find(({ path }) => existsSync(join(folder, path)) || models.has(basename(path, ".sql")))
    if (taken !== undefined)
      return yield* Effect.fail(
        new UsageError(`${taken.path} is in the project already: take it away to accept this again`),
      )
    yield* writing(folder, async () => {
      for (const { path, text: content } of files) {
        await mkdir(dirname(join(folder, path)), { recursive: true })
        await writeFile(join(folder, path), content, { flag: "wx" })
      }
    })
    const written = files.map(({ path }) => path)
    output.result(
      {
        accepted: accepted.map((one) => ({ kind: one.kind, name: nameOf(one), evidence: evidenceOf(one) })),
        written,
      },
      () =>
        [...accepted.map((one) => `${one.kind} ${nameOf(one)}`), ...written.map((path) => `written: ${path}`)].join(
          "\n",
        ),
    )
    return 0
  })
