/** `odh rollback`: a table as it was before a load. */
import * as Effect from "effect/Effect"
import type { Work } from "../cli/command.ts"
import { UsageError } from "../cli/usage-error.ts"
import { rollback } from "../decisions.ts"
import { inHub } from "../hub.ts"
import { instantOf } from "./instant.ts"
import { whyOf } from "./quarantine/chosen.ts"

/** Takes extractions out of every destination and says that they are bad; tells which. */
export const work: Work = ({ positionals: [table = ""], text, output, hub: config }) =>
  Effect.gen(function* () {
    const asked = text("to")
    const to = yield* Effect.try({
      try: () => (asked === undefined ? undefined : instantOf(asked, "--to")),
      catch: (error) => error as UsageError,
    })
    const resource = text("resource")
    const hub = yield* config
    const rejected = yield* inHub(
      hub,
      "rollback",
      rollback(hub, {
        table,
        ...(to === undefined ? {} : { to }),
        ...(resource === undefined ? {} : { resource }),
        why: whyOf({ text }),
      }),
    )
    if (rejected.length === 0) {
      return yield* Effect.fail(
        new UsageError(
          `nothing of "${table}" is to be taken back: \`odh tables\` and \`odh history\` tell what there is`,
        ),
      )
    }
    output.result(
      rejected.map(({ extractedAt, resource: { id, title, dataset } }) => ({
        dataset: dataset.id,
        resource: id,
        title,
        extractedAt,
      })),
      () =>
        [
          ...rejected.map(
            ({ extractedAt, resource: { title } }) => `${title}: the extraction of ${extractedAt} is out`,
          ),
          "the files stay in the lake; `odh quarantine release RESOURCE` loads one again",
        ].join("\n"),
    )
    return 0
  })
