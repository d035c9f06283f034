/** How fresh the resources of a hub are, by its configuration. */
import { freshness, type Freshness } from "@opendatahub-sql/core"
import type { Hub } from "@opendatahub-sql/core/config"
import type { ResourceStatus } from "@opendatahub-sql/lake"

const HOUR = 3_600_000

/** The strictest promise of the resource's tables counts. `now` is in milliseconds since 1970. */
export const freshnessOf = (hub: Pick<Hub, "settings">, status: ResourceStatus, now: number): Freshness => {
  const promises = status.tables.flatMap((table) => hub.settings(table).freshWithin ?? [])
  return freshness(
    {
      changes: status.changes,
      seenAt: status.seenAt,
      declared: status.declaredEvery,
      promised: promises.length === 0 ? undefined : Math.min(...promises) * HOUR,
    },
    now,
  )
}
