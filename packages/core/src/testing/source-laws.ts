/** The laws of sources. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Configured } from "../contracts/plugin.ts"
import type { Discovery, Source } from "../contracts/source.ts"
import { claim, claimEqual, held, type Law, skipped } from "./law.ts"
import { identityLaw, misconfiguredLaw } from "./plugin-laws.ts"

/** What the kit runs a source on: a portal that answers while the laws run. */
export interface SourceLawOptions {
  readonly source: Configured<Source>
  /** A dataset that exists, and the number of resources that the rules select there. */
  readonly known: { readonly dataset: string; readonly resources: number }
  /** A dataset that does not exist. */
  readonly unknown: string
  /** A text that must appear nowhere: a key, a password. */
  readonly secret?: string
  readonly misconfigured?: Configured<Source>
}

/** The laws that every source keeps. */
export const sourceLaws = (options: SourceLawOptions): ReadonlyArray<Law> => {
  const source = Effect.runPromise(options.source.decode)
  source.catch(() => undefined)
  const discover = async (...datasets: ReadonlyArray<string>): Promise<ReadonlyArray<Discovery>> =>
    Effect.runPromise(Stream.runCollect((await source).discover({ datasets })))

  return [
    identityLaw(options.source),
    misconfiguredLaw(options.misconfigured),
    {
      name: "finds a known dataset, twice the same",
      run: async () => {
        const first = await discover(options.known.dataset)
        claimEqual(first.filter((one) => one._tag === "Found").length, options.known.resources, "resources found")
        claimEqual(await discover(options.known.dataset), first, "a second discovery")
        return held()
      },
    },
    {
      name: "an unknown dataset does not stop the others",
      run: async () => {
        const both = await discover(options.unknown, options.known.dataset)
        claimEqual(
          both.filter((one) => one._tag === "Found").length,
          options.known.resources,
          "resources found beside the unknown dataset",
        )
        claim(
          both.some((one) => one._tag !== "Found"),
          "nothing was said of the unknown dataset",
        )
        return held()
      },
    },
    {
      name: "every resource can be located, and is plain JSON",
      run: async () => {
        for (const one of await discover(options.known.dataset)) {
          if (one._tag !== "Found") continue
          claimEqual(JSON.parse(JSON.stringify(one.resource)), one.resource, "the resource as JSON")
          const request = await Effect.runPromise(
            (await source).locate(JSON.parse(JSON.stringify(one.resource)) as typeof one.resource),
          )
          claim(URL.canParse(request.url), `"${request.url}" is not a URL`)
          claim(request.name !== "" && !/[/\\]/.test(request.name), `"${request.name}" is not a file name`)
        }
        return held()
      },
    },
    {
      name: "tells no secret",
      run: async () => {
        if (options.secret === undefined) return skipped("no secret was given to the kit")
        const { secret } = options
        const said = JSON.stringify(await discover(options.known.dataset, options.unknown))
        claim(!said.includes(secret), "the secret is in a discovery")
        return held()
      },
    },
  ]
}
