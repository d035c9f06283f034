/** A person's word on a proposal: in the file, and as an event in the lake. */
import { Lake, misconfigured, now, RunId, SourceError } from "@opendatahub-sql/core"
import type { Hub } from "@opendatahub-sql/core/config"
import * as Effect from "effect/Effect"
import { type IdentityEntry, readIdentities, writeIdentities } from "./identity-file.ts"

/** What was decided. `portalId` is the file of the portal. */
export interface IdentityDecision {
  readonly portalId: string
  readonly state: "accepted" | "rejected"
  readonly why: string
}

/** Decides on a proposal, again if need be. Fails with `SourceError` when there is none. */
export const decide = Effect.fn("identity.decide")(function* (hub: Hub, { portalId, state, why }: IdentityDecision) {
  const lake = yield* Lake
  const entries = yield* readIdentities(hub.identities)
  const entry = entries.find((one) => one.portalId === portalId)
  if (entry === undefined) {
    return yield* new SourceError({
      plugin: "odh",
      operation: "identity",
      reason: misconfigured,
      message: `nothing is proposed for the file ${portalId}: \`odh identity propose\` looks for what is`,
    })
  }
  const at = yield* now
  const decided: IdentityEntry = { ...entry, state, at, why }
  yield* writeIdentities(
    hub.identities,
    entries.map((one) => (one === entry ? decided : one)),
  )
  const { source, dataset, resource, score } = entry
  yield* lake.record({
    _tag: "Identified",
    at,
    run: yield* RunId,
    source,
    dataset,
    resource,
    portalId,
    score,
    why: `${state}: ${why}`,
  })
  return decided
})
