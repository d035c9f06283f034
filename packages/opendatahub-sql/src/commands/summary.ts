/** The summary table of a run. */
import type { ResourceResult } from "@opendatahub-sql/core"
import { countText } from "../cli/numbers.ts"
import { type Printed, tableText } from "../cli/output.ts"

const changes = { none: "", create: "created", evolve: "columns changed", rewrite: "columns rewritten" } as const

const rowsOf = (resource: ResourceResult): ReadonlyArray<ReadonlyArray<Printed>> =>
  resource.tables.length === 0
    ? [[resource.dataset, resource.title, resource.status, "", null, null, ""]]
    : resource.tables.map((table) => [
        resource.dataset,
        resource.title,
        resource.status,
        table.name,
        table.rows,
        table.rejects,
        changes[table.schemaChange],
      ])

/** Messages often begin with the file they are about; said once is enough. */
export const withoutTitle = (message: string, title: string): string =>
  message.startsWith(`${title}: `) ? message.slice(title.length + 2) : message

const closedOf = ({ tables }: ResourceResult): ReadonlyArray<string> =>
  tables.flatMap(({ name, rejects, closedRejects = 0 }) =>
    closedRejects === 0
      ? []
      : [
          `${countText(closedRejects)} rejects of "${name}" are closed, ${rejects === 0 ? "none remains" : `${countText(rejects)} remain`}`,
        ],
  )

const remarksOf = (resource: ResourceResult): ReadonlyArray<string> => {
  const failure = resource.failure?.["message"]
  return [...(typeof failure === "string" ? [failure] : []), ...resource.warnings, ...closedOf(resource)].map(
    (remark) => `${resource.title}: ${withoutTitle(remark, resource.title)}`,
  )
}

/** One line for each table, or for each resource that has none; then the remarks and a count. */
export const summaryText = (resources: ReadonlyArray<ResourceResult>): string => {
  if (resources.length === 0) return "nothing to do"
  const counts = new Map<string, number>()
  for (const { status } of resources) counts.set(status, (counts.get(status) ?? 0) + 1)
  const remarks = resources.flatMap(remarksOf)
  return [
    tableText(["dataset", "file", "status", "table", "rows", "rejects", "schema"], resources.flatMap(rowsOf)),
    ...(remarks.length === 0 ? [] : ["", ...remarks]),
    "",
    [...counts].map(([status, count]) => `${countText(count)} ${status}`).join(", "),
  ].join("\n")
}
