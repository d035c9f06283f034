/** `odh plan`: work items, one JSON line each; for orchestrators, batches and a manifest. */
import * as Effect from "effect/Effect"
import { writeFile } from "node:fs/promises"
import type { Work } from "../cli/command.ts"
import { UsageError } from "../cli/usage-error.ts"
import { inHub, plan } from "../hub.ts"
import { batches } from "../manifest/batches.ts"
import { manifest } from "../manifest/manifest.ts"
import { nothingExit, noteDiscoveries } from "./discoveries.ts"
import { writing } from "./writing.ts"

/** Seconds of work for each batch; `undefined` for the usual items. */
const secondsOf = (value: string | undefined): Effect.Effect<number | undefined, UsageError> =>
  value === undefined || (Number(value) > 0 && Number.isFinite(Number(value)))
    ? Effect.succeed(value === undefined ? undefined : Number(value))
    : Effect.fail(new UsageError(`--batch "${value}" is no number of seconds: write --batch 30`))

/** Prints the items on standard output and what will not be worked on as notes. */
export const work: Work = ({ positionals, text, output, hub: config }) =>
  Effect.gen(function* () {
    const batch = yield* secondsOf(text("batch"))
    const by = text("group-by") ?? "source"
    if (by !== "source" && by !== "publisher")
      return yield* Effect.fail(new UsageError(`--group-by "${by}" is not known: source or publisher`))
    const hub = yield* config
    const planned = yield* inHub(hub, "plan", plan(hub, { datasets: positionals }))
    const packed = batch === undefined ? undefined : batches(planned.items, batch)
    const items = packed === undefined ? planned.items : packed.map(({ item }) => item)
    for (const item of items) output.line(item)
    noteDiscoveries(planned, output)
    output.keep({
      schemaVersion: 1,
      items,
      ...(packed === undefined
        ? {}
        : { batches: packed.map(({ host, label, datasets, seconds }) => ({ host, label, datasets, seconds })) }),
      gone: planned.gone.map(({ dataset, state, message }) => ({ dataset, state, message })),
      failed: planned.failed.map(({ subject, error }) => ({
        subject,
        reason: error.reason._tag,
        message: error.message,
      })),
    })
    const file = text("manifest")
    // A plan that lacks what could not be looked at today would take Dags away.
    if (file !== undefined && planned.failed.length === 0)
      yield* writing(file, () => writeFile(file, `${JSON.stringify(manifest(planned, hub.sinks, by), null, 2)}\n`))
    if (file !== undefined && planned.failed.length > 0) {
      output.note(`${file} is left as it was: ${planned.failed.length} datasets could not be looked at`, {
        level: "error",
      })
      return nothingExit(planned)
    }
    return items.length === 0 ? nothingExit(planned) : 0
  })
