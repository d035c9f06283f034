/** Commands that write dbt models. */
import type { CommandSpec } from "../command.ts"

export const modellingCommands: ReadonlyArray<CommandSpec> = [
  {
    name: "dbt generate",
    takes: "",
    summary: "write dbt sources, silver models and tests for every table",
    details:
      "The files go to models/generated of the project; what is written by hand lives beside and is never touched. The same tables give the same files.",
    positionals: [0, 0],
    options: {
      project: { value: "DIR", help: "the dbt project (dbt)" },
      sink: { value: "PATH", help: "another DuckDB file than the configuration's first" },
      check: { help: "write nothing: exit 65 when the files are not what would be generated now" },
    },
    examples: ["odh dbt generate", "odh dbt generate --check"],
    load: () => import("../../commands/dbt-generate.ts"),
  },
  {
    name: "star suggest",
    takes: "",
    summary: "propose keys, joins, dimensions and facts, with the evidence for each",
    details:
      "Columns of all tables are compared by type, name and values (a sketch of each column is looked up in the others, inside the engine). Nothing is written.",
    positionals: [0, 0],
    options: {
      project: { value: "DIR", help: "the dbt project (dbt)" },
      sink: { value: "PATH", help: "another DuckDB file than the configuration's first" },
    },
    examples: ["odh star suggest", "odh star suggest --json"],
    load: () => import("../../commands/star/suggest.ts"),
  },
  {
    name: "star accept",
    takes: "N|NAME…",
    summary: "write the dbt models and tests of proposals",
    details: "N is the number that `odh star suggest` prints; files that are there are never written over.",
    positionals: [1, Number.POSITIVE_INFINITY],
    options: {
      project: { value: "DIR", help: "the dbt project (dbt)" },
      sink: { value: "PATH", help: "another DuckDB file than the configuration's first" },
    },
    examples: ["odh star accept 3 7", "odh star accept fct_hospitalisations"],
    load: () => import("../../commands/star/accept.ts"),
  },
]
