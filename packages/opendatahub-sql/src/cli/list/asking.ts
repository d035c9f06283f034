/** Commands that ask what is there, and what was. */
import type { CommandSpec } from "../command.ts"

export const askingCommands: ReadonlyArray<CommandSpec> = [
  {
    name: "query",
    takes: "SQL",
    summary: "ask the warehouse",
    positionals: [1, 1],
    options: {
      sink: {
        value: "PATH",
        help: "another DuckDB file than the configuration's first; `iceberg` for its Iceberg tables",
      },
      "as-of": { value: "DATE", help: "the tables of `bronze` as they were (the end of a day, or an instant, UTC)" },
      clock: { value: "WHICH", help: "with --as-of: what was extracted by then (default), or published" },
    },
    examples: [
      'odh query "select count(*) from bronze.communes"',
      'odh query "from bronze.communes" --as-of 2026-01-31',
    ],
    load: () => import("../../commands/query.ts"),
  },
  {
    name: "status",
    takes: "",
    summary: "every resource: last look, last change, last load, failures",
    positionals: [0, 0],
    options: {},
    examples: ["odh status"],
    load: () => import("../../commands/status.ts"),
  },
  {
    name: "runs",
    takes: "",
    summary: "past runs",
    positionals: [0, 0],
    options: { last: { value: "N", help: "how many (20)" } },
    examples: ["odh runs"],
    load: () => import("../../commands/runs.ts"),
  },
  {
    name: "tables",
    takes: "",
    summary: "the tables, their rows, rejects and origin",
    positionals: [0, 0],
    options: {},
    examples: ["odh tables"],
    load: () => import("../../commands/tables.ts"),
  },
  {
    name: "rejects",
    takes: "[TABLE]",
    summary: "what could not be taken, with its raw text",
    positionals: [0, 1],
    options: { last: { value: "N", help: "how many (50)" } },
    examples: ["odh rejects", "odh rejects accidents_lieux"],
    load: () => import("../../commands/rejects.ts"),
  },
  {
    name: "history",
    takes: "TABLE",
    summary: "the extractions of a table: rows added, removed and changed, columns that changed",
    positionals: [1, 1],
    options: {
      sink: { value: "PATH", help: "another DuckDB file than the configuration's first" },
      key: { value: "COLUMNS", help: "columns that name a row, to count changed ones" },
    },
    examples: ["odh history communes", "odh history hospitalisations --key dep,sexe,jour"],
    load: () => import("../../commands/history.ts"),
  },
  {
    name: "diff",
    takes: "TABLE FROM TO",
    summary: "what changed in a table between two dates",
    positionals: [3, 3],
    details:
      "FROM and TO are days (their end, UTC) or instants. Without --key, one is looked for: the fewest columns that name a row on both dates.",
    options: {
      sink: { value: "PATH", help: "another DuckDB file than the configuration's first" },
      key: { value: "COLUMNS", help: "columns that name a row, with commas" },
      as: { value: "FORMAT", help: "text (default), csv, json or html" },
      out: { value: "FILE", help: "write it there" },
    },
    examples: [
      "odh diff communes 2026-01-01 2026-02-01",
      "odh diff hospitalisations 2020-06-29 2020-06-30 --as html --out report.html",
    ],
    load: () => import("../../commands/diff.ts"),
  },
]
