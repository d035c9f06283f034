/** What a discovery found besides resources: gone and failed datasets. */
import { exitCodeOf, type Plan } from "@opendatahub-sql/core"
import type { Output } from "../cli/output.ts"

/** Tells them, one note each. */
export const noteDiscoveries = (planned: Pick<Plan, "gone" | "failed">, output: Output): void => {
  for (const gone of planned.gone)
    output.note(`${gone.resource ?? gone.dataset}: ${gone.state}: ${gone.message}`, {
      level: "warn",
      dataset: gone.dataset,
      state: gone.state,
    })
  for (const failed of planned.failed)
    output.note(`${failed.subject}: ${failed.error.message}`, {
      level: "error",
      subject: failed.subject,
      reason: failed.error.reason._tag,
    })
}

const CONFIGURATION = 78

/** The exit code when no resource was found: what failed, else what nobody knows. */
export const nothingExit = ({ gone, failed }: Pick<Plan, "gone" | "failed">): number =>
  failed.length === 0 && gone.some((one) => one.state === "private-or-missing")
    ? CONFIGURATION
    : exitCodeOf(
        failed.map(({ subject, error }) => ({
          resource: subject,
          title: subject,
          dataset: subject,
          status: "failed",
          tables: [],
          warnings: [],
          failure: { reason: error.reason._tag },
        })),
      )
