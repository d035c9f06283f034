/** The laws that plugins of every kind share. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { API_VERSION } from "../contracts/api-version.ts"
import type { Configured, Plugin } from "../contracts/plugin.ts"
import { claim, held, type Law, skipped } from "./law.ts"

/** A plugin says who it is in words that keys and events can hold. */
export const identityLaw = (configured: Configured<Plugin>, fingerprint?: () => Promise<number>): Law => ({
  name: "has an id, a plugin API version and a fingerprint",
  run: async () => {
    claim(
      configured.apiVersion === API_VERSION,
      `written for plugin API ${configured.apiVersion}, the kit is of ${API_VERSION}`,
    )
    claim(/^[a-z][a-z0-9-]*$/.test(configured.id), `"${configured.id}" is not an id: lower case letters, digits and -`)
    if (fingerprint !== undefined) claim(Number.isInteger(await fingerprint()), "the fingerprint is not a whole number")
    return held()
  },
})

/** Wrong options are told all at once, with their paths: two issues at least, or `words` that must all be in what is told. */
export const misconfiguredLaw = (
  misconfigured: Configured<Plugin> | undefined,
  words?: ReadonlyArray<string>,
): Law => ({
  name: "tells every error of its options at once",
  run: async () => {
    if (misconfigured === undefined) return skipped("no wrong options were given to the kit")
    const result = await Effect.runPromise(Effect.result(misconfigured.decode))
    claim(Result.isFailure(result), "wrong options were accepted")
    const { issues } = result.failure
    const told = issues.map((issue) => `${issue.path}: ${issue.message}`).join("; ")
    claim(
      words === undefined ? issues.length >= 2 : words.every((word) => told.includes(word)),
      `of ${words?.join(", ") ?? "two errors"}, ${issues.length} issue(s) told: ${told}`,
    )
    claim(
      issues.every((issue) => issue.message !== ""),
      "an issue without a message",
    )
    return held(`${issues.length} issues`)
  },
})
