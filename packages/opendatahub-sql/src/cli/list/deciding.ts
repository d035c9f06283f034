/** Commands by which people decide: what is loaded, what goes on, what goes for good. */
import type { CommandSpec } from "../command.ts"

const decision = {
  extraction: { value: "INSTANT", help: "which one (the newest that is held back)" },
  why: { value: "TEXT", help: "for those who look back" },
}

export const decidingCommands: ReadonlyArray<CommandSpec> = [
  {
    name: "quarantine",
    takes: "",
    summary: "extractions that are held back, and why",
    details:
      "A file that is an HTML page, has no row or 90 % fewer, or mostly other columns than before is kept but not loaded (`quarantine` of the table's configuration). Exit 65 while one waits.",
    positionals: [0, 0],
    options: {},
    examples: ["odh quarantine"],
    load: () => import("../../commands/quarantine/list.ts"),
  },
  {
    name: "quarantine release",
    takes: "RESOURCE",
    summary: "an extraction is good: load it",
    positionals: [1, 1],
    options: decision,
    examples: ['odh quarantine release lieux-2025.csv --why "the publisher split the file"'],
    load: () => import("../../commands/quarantine/release.ts"),
  },
  {
    name: "quarantine reject",
    takes: "RESOURCE",
    summary: "an extraction is bad: never load it",
    positionals: [1, 1],
    options: decision,
    examples: ['odh quarantine reject lieux-2025.csv --why "truncated"'],
    load: () => import("../../commands/quarantine/reject.ts"),
  },
  {
    name: "identity propose",
    takes: "",
    summary: "which new files may be resources that are gone",
    details:
      "Scored by title (without dates), columns and rows. The proposals go to the file of identities (./odh.identities.json) for a person to decide.",
    positionals: [0, 0],
    options: {},
    examples: ["odh identity propose"],
    load: () => import("../../commands/identity/propose.ts"),
  },
  {
    name: "identity accept",
    takes: "FILE",
    summary: "a proposed file is the known resource: its history goes on",
    positionals: [1, 1],
    options: { why: decision.why },
    examples: ["odh identity accept 6637991e-c4d8-4cd6-854e-ce33c5ab49d5"],
    load: async () => ({ work: (await import("../../commands/identity/decision.ts")).accept }),
  },
  {
    name: "identity reject",
    takes: "FILE",
    summary: "a proposed file is something else",
    positionals: [1, 1],
    options: { why: decision.why },
    examples: ["odh identity reject 6637991e-c4d8-4cd6-854e-ce33c5ab49d5"],
    load: async () => ({ work: (await import("../../commands/identity/decision.ts")).reject }),
  },
  {
    name: "rollback",
    takes: "TABLE",
    summary: "take the newest load of a table back, in every destination",
    details:
      "The extraction counts as rejected: no sync or replay loads it again. All tables of its file go back together. The lake keeps the file.",
    positionals: [1, 1],
    options: {
      to: { value: "DATE", help: "back to the state of this date (its end) or instant, UTC" },
      resource: { value: "ID", help: "of one resource of the table only" },
      why: { value: "TEXT", help: "for those who look back" },
    },
    examples: ["odh rollback accidents_lieux", 'odh rollback sirene --to 2026-10-31 --why "file of the wrong month"'],
    load: () => import("../../commands/rollback.ts"),
  },
  {
    name: "purge",
    takes: "TABLE COLUMN=VALUE…",
    summary: "remove rows for good: from a table, its whole history, and the files that the lake keeps",
    positionals: [2, Number.POSITIVE_INFINITY],
    details:
      "Rows in which all columns have these values. A kept file that holds such rows is replaced by one without them, with a hash of its own, and loaded again into every destination; when the portal sends the old bytes again, the new file stands for them. What is told of it names the columns, never the values.",
    options: {
      sink: { value: "PATH", help: "another DuckDB file than the configuration's first" },
      "table-only": { help: "leave the files of the lake as they are: a replay brings the rows back" },
    },
    examples: ["odh purge associations siret=12345678901234"],
    load: () => import("../../commands/purge.ts"),
  },
]
