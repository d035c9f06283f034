import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { API_VERSION, defineSource, misconfigured } from "@opendatahub-sql/core"
import { discover } from "./discovery/discover.ts"
import { offers } from "./discovery/offers.ts"
import { failure, SOURCE_ID } from "./failure.ts"
import { locate } from "./locate.ts"
import { type DecodedOptions, Options } from "./options.ts"
import type { Connection } from "./portal/client.ts"

const connect = Effect.fnUntraced(function* (url: string, { apiKey, http = fetch }: DecodedOptions) {
  const fromEnvironment = Config.option(Config.Redacted("DATAGOUV_API_KEY"))
  const key =
    apiKey ??
    Option.getOrUndefined(yield* Effect.orElseSucceed(fromEnvironment, () => Option.none<Redacted.Redacted<string>>()))
  // A header that cannot be sent would be quoted in the error of `fetch`.
  if (key !== undefined && !/^[\x21-\x7e]+$/.test(Redacted.value(key))) {
    return yield* failure(
      "discover",
      misconfigured,
      "DATAGOUV_API_KEY is not an API key: it is empty or holds blanks or other characters; copy it again from the portal's profile page",
    )
  }
  return { url, apiKey: key, http } satisfies Connection
})

/**
 * data.gouv.fr, or another portal that runs udata, as a source: `datagouv({ datasets: ["jours-feries-en-france"] })`. Options: see the README.
 * A dataset that is gone or cannot be read is one finding; discovery as a whole fails only when the API key has characters that no header takes.
 */
export const datagouv = defineSource({
  id: SOURCE_ID,
  apiVersion: API_VERSION,
  config: Schema.toStandardSchemaV1(Options, { parseOptions: { errors: "all", onExcessProperty: "error" } }),
  make: (options) => {
    const url = options.url.replace(/\/+$/, "")
    return {
      discover: (selection) =>
        Stream.unwrap(Effect.map(connect(url, options), (connection) => discover(connection, options, selection))),
      locate: locate(url),
      search: (query) =>
        Stream.unwrap(Effect.map(connect(url, options), (connection) => offers(connection, options.pageSize, query))),
    }
  },
})
