/** `odh init`: a configuration to start from. */
import * as Effect from "effect/Effect"
import { existsSync } from "node:fs"
import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { Work } from "../cli/command.ts"
import { UsageError } from "../cli/usage-error.ts"

const template = `import { datagouv, defineConfig, duckdb } from "opendatahub-sql"

export default defineConfig({
  // Raw files, exactly as received, with their history. Back it up: everything else can be made again from it.
  // Or "s3://bucket/prefix": any object store with that interface, reached as the AWS_… variables say.
  lake: "./data/lake",

  sources: [
    datagouv({
      datasets: [
        // A dataset by id or slug; the rules say which of its files.
        { id: "5b3cc551c751df4822526c1c", resources: { format: "csv" } }, // Jours fériés en France
        // Many files, one table:
        // { id: "53698f4ca3a729239d2036df", resources: { title: "lieux*" }, into: "accidents_lieux" },
        // The newest file of a series, whatever its id:
        // { id: "5e7e104ace2080d9162b61d8", resources: { title: "*covid*", newest: 1 }, into: "hospitalisations" },
      ],
      // Datasets by search; new ones join by themselves.
      // search: [{ organization: "ministere-de-l-interieur", tag: "mobilite", format: "csv", max: 50 }],
    }),
  ],

  // Types are found on the whole file. A word here wins over what is found.
  tables: {
    // accidents_lieux: { columns: { com: "text" }, mode: "history", onSchemaChange: "evolve", rejects: { maxShare: 0.05 } },
  },

  sinks: [duckdb({ path: "./data/warehouse.duckdb" })],
})
`

/** Writes the file; never over another. */
export const work: Work = ({ positionals, output }) =>
  Effect.tryPromise({
    try: async () => {
      const folder = positionals[0] ?? "."
      const file = join(folder, "odh.config.ts")
      if (existsSync(file)) throw new UsageError(`${file} is there already; it was left as it is`)
      await mkdir(folder, { recursive: true })
      await writeFile(file, template, { flag: "wx" })
      output.result(
        { file },
        () => `${file} written. Next: \`odh plan\` shows what would be fetched, \`odh sync\` does it.`,
      )
      return 0
    },
    catch: (error) => (error instanceof UsageError ? error : new UsageError(String(error))),
  })
