/** The catalogue itself as three resources: loaded like any other, its history is that of the portal. */
import type { Resource } from "@opendatahub-sql/core"
import { SOURCE_ID } from "../failure.ts"
import { exportUrl } from "./export.ts"

/** What the dataset of the catalogue is called in selections. */
export const CATALOGUE = "catalogue"

const DAY = 24 * 3_600_000

/** `catalogue_datasets`, `catalogue_resources`, `catalogue_organizations`. */
export const catalogueTables = (portal: string): ReadonlyArray<Resource> =>
  (["datasets", "resources", "organizations"] as const).map((kind) => ({
    source: SOURCE_ID,
    dataset: {
      id: CATALOGUE,
      slug: CATALOGUE,
      title: `The catalogue of ${new URL(portal).host}`,
      page: portal,
      updateEvery: DAY,
    },
    id: `${CATALOGUE}-${kind}`,
    portalId: `${CATALOGUE}-${kind}`,
    title: `${kind}.csv`,
    url: exportUrl(portal, kind),
    format: "csv",
    mediaType: "text/csv",
    into: `${CATALOGUE}_${kind}`,
    siblings: [],
    metadata: {},
  }))
