/** Every command of `odh`. */
import type { CommandSpec } from "./command.ts"

const selection = "ids or slugs of datasets; all of the configuration when there is none"

/** In the order of the help text. */
export const commands: ReadonlyArray<CommandSpec> = [
  {
    name: "init", takes: "[DIR]", summary: "write an odh.config.ts with comments", positionals: [0, 1],
    options: {}, examples: ["odh init", "odh init my-hub"],
    load: () => import("../commands/init.ts"),
  },
  {
    name: "plan", takes: "[DATASET…]", summary: "print the work items, one JSON line each", details: selection, positionals: [0, Number.POSITIVE_INFINITY],
    options: {}, examples: ["odh plan > items.ndjson", "odh plan jours-feries-en-france"],
    load: () => import("../commands/plan.ts"),
  },
  {
    name: "run", takes: "ITEM|@FILE", summary: "run one work item end to end", positionals: [1, 1],
    details: "ITEM is a line of `odh plan`; @FILE reads it from a file, @- from standard input. Exit codes: 0 loaded or partly, 99 unchanged.",
    options: {
      result: { value: "FILE", help: "also write the result there" },
      "exit-with-parent": { help: "stop when standard input closes" },
    },
    examples: ["odh plan | head -1 | odh run @- --json"],
    load: () => import("../commands/run.ts"),
  },
  {
    name: "sync", takes: "[DATASET…]", summary: "fetch what changed and load it", details: selection, positionals: [0, Number.POSITIVE_INFINITY],
    options: { only: { value: "TABLE", help: "only the resources that go to this table" } },
    examples: ["odh sync", "odh sync 5b3cc551c751df4822526c1c", "odh sync --only hospitalisations"],
    load: () => import("../commands/sync.ts"),
  },
  {
    name: "convert", takes: "INPUT… --to OUT", summary: "turn files into .parquet .csv .ndjson or .duckdb", positionals: [1, Number.POSITIVE_INFINITY],
    details: "No configuration is needed. Several inputs, or a file of several tables, go to a folder (--to DIR --as parquet) or to one .duckdb file.",
    options: {
      to: { value: "OUT", help: "the file, by its extension, or a folder" },
      as: { value: "FORMAT", help: "parquet (default), csv or ndjson, when OUT is a folder" },
      types: { value: "auto|text", help: "find the types (default), or keep everything as text" },
      rejects: { value: "FILE", help: "write what could not be taken there, as Parquet" },
    },
    examples: ["odh convert communes.csv --to communes.parquet", "odh convert gtfs.zip --to gtfs.duckdb", "odh convert *.csv --to out --as parquet"],
    load: () => import("../commands/convert.ts"),
  },
  {
    name: "inspect", takes: "FILE", summary: "show what a file is: encoding, dialect, columns, types and why, first rows", positionals: [1, 1],
    options: { rows: { value: "N", help: "how many rows to show (5)" } }, examples: ["odh inspect communes.csv"],
    load: () => import("../commands/inspect.ts"),
  },
  {
    name: "query", takes: "SQL", summary: "ask the warehouse", positionals: [1, 1],
    options: {
      sink: { value: "PATH", help: "another DuckDB file than the configuration's first" },
      "as-of": { value: "DATE", help: "the tables of `bronze` as they were (the end of a day, or an instant, UTC)" },
      clock: { value: "WHICH", help: "with --as-of: what was extracted by then (default), or published" },
    },
    examples: ["odh query \"select count(*) from bronze.communes\"", "odh query \"from bronze.communes\" --as-of 2026-01-31"],
    load: () => import("../commands/query.ts"),
  },
  {
    name: "status", takes: "", summary: "every resource: last look, last change, last load, failures", positionals: [0, 0], options: {}, examples: ["odh status"],
    load: () => import("../commands/status.ts"),
  },
  {
    name: "runs", takes: "", summary: "past runs", positionals: [0, 0], options: { last: { value: "N", help: "how many (20)" } }, examples: ["odh runs"],
    load: () => import("../commands/runs.ts"),
  },
  {
    name: "tables", takes: "", summary: "the tables, their rows, rejects and origin", positionals: [0, 0], options: {}, examples: ["odh tables"],
    load: () => import("../commands/tables.ts"),
  },
  {
    name: "rejects", takes: "[TABLE]", summary: "what could not be taken, with its raw text", positionals: [0, 1],
    options: { last: { value: "N", help: "how many (50)" } }, examples: ["odh rejects", "odh rejects accidents_lieux"],
    load: () => import("../commands/rejects.ts"),
  },
  {
    name: "history", takes: "TABLE", summary: "the extractions of a table: rows added, removed and changed, columns that changed", positionals: [1, 1],
    options: { sink: { value: "PATH", help: "another DuckDB file than the configuration's first" }, key: { value: "COLUMNS", help: "columns that name a row, to count changed ones" } },
    examples: ["odh history communes", "odh history hospitalisations --key dep,sexe,jour"],
    load: () => import("../commands/history.ts"),
  },
  {
    name: "diff", takes: "TABLE FROM TO", summary: "what changed in a table between two dates", positionals: [3, 3],
    details: "FROM and TO are days (their end, UTC) or instants. Without --key, one is looked for: the fewest columns that name a row on both dates.",
    options: {
      sink: { value: "PATH", help: "another DuckDB file than the configuration's first" },
      key: { value: "COLUMNS", help: "columns that name a row, with commas" },
      as: { value: "FORMAT", help: "text (default), csv, json or html" },
      out: { value: "FILE", help: "write it there" },
    },
    examples: ["odh diff communes 2026-01-01 2026-02-01", "odh diff hospitalisations 2020-06-29 2020-06-30 --as html --out report.html"],
    load: () => import("../commands/diff.ts"),
  },
  {
    name: "purge", takes: "TABLE COLUMN=VALUE…", summary: "remove rows from a table and from its whole history", positionals: [2, Number.POSITIVE_INFINITY],
    details: "Rows in which all columns have these values. The lake keeps the files as they were received.",
    options: { sink: { value: "PATH", help: "another DuckDB file than the configuration's first" } },
    examples: ["odh purge associations siret=12345678901234"],
    load: () => import("../commands/purge.ts"),
  },
  {
    name: "replay", takes: "[DATASET…]", summary: "load again from the lake, without a request", positionals: [0, Number.POSITIVE_INFINITY],
    options: {
      from: { value: "DATE", help: "extractions from this date or instant (UTC)" },
      to: { value: "DATE", help: "extractions up to this date or instant, included" },
      only: { value: "TABLE", help: "only the resources of this table" },
    },
    examples: ["odh replay", "odh replay --from 2026-01-01 --only hospitalisations"],
    load: () => import("../commands/replay.ts"),
  },
  {
    name: "lake ls", takes: "", summary: "the lake as a tree", positionals: [0, 0], options: {}, examples: ["odh lake ls"],
    load: () => import("../commands/lake-ls.ts"),
  },
  {
    name: "lake verify", takes: "", summary: "hash every kept file again and compare", positionals: [0, 0], options: {}, examples: ["odh lake verify"],
    load: () => import("../commands/lake-verify.ts"),
  },
  {
    name: "state rebuild", takes: "", summary: "make the state again from the lake", positionals: [0, 0], options: {}, examples: ["odh state rebuild"],
    load: () => import("../commands/state-rebuild.ts"),
  },
  {
    name: "doctor", takes: "", summary: "check the machine, the configuration, the lake and the destinations", positionals: [0, 0],
    options: {}, examples: ["odh doctor"],
    load: () => import("../commands/doctor.ts"),
  },
]
