/** A hub in a folder of a test's own, on a portal of its own. */
import { datagouv, type DatagouvOptions, duckdb, type HubHandle, openHub, type OpenHubConfig } from "opendatahub-sql"
import type { Portal } from "@opendatahub-sql/testkit/datagouv"
import * as Effect from "effect/Effect"
import { join } from "node:path"

/** Where things are, and the hub. */
export interface Place {
  readonly folder: string
  readonly lake: string
  readonly warehouse: string
}

export const placeIn = (folder: string): Place => ({
  folder,
  lake: join(folder, "lake"),
  warehouse: join(folder, "warehouse.duckdb"),
})

/** A hub with one DuckDB file; `more` wins. */
export const hubOf = (
  place: Place,
  portal: Portal,
  datasets: NonNullable<DatagouvOptions["datasets"]>,
  more: OpenHubConfig = {},
): Effect.Effect<HubHandle> =>
  Effect.promise(() =>
    openHub({
      lake: place.lake,
      network: { allowPrivate: ["127.0.0.1"] },
      sources: [datagouv({ url: portal.url, datasets })],
      sinks: [duckdb({ path: place.warehouse })],
      ...more,
    }),
  )

/** One sync; its report. */
export const sync = (hub: HubHandle, ...datasets: ReadonlyArray<string>) => Effect.promise(() => hub.sync(datasets))

/** What a report says in a few words: `title: status` for each resource, then its message. */
export const words = (report: Awaited<ReturnType<HubHandle["sync"]>>): ReadonlyArray<string> =>
  report.resources.map(
    (one) =>
      `${one.title}: ${one.status}${typeof one.failure?.["message"] === "string" ? `: ${one.failure["message"]}` : ""}`,
  )
