/** Commands that find and load data. */
import type { CommandSpec } from "../command.ts"

const selection = "ids or slugs of datasets; all of the configuration when there is none"

export const loadingCommands: ReadonlyArray<CommandSpec> = [
  {
    name: "init",
    takes: "[DIR]",
    summary: "write an odh.config.ts with comments",
    positionals: [0, 1],
    options: {},
    examples: ["odh init", "odh init my-hub"],
    load: () => import("../../commands/init.ts"),
  },
  {
    name: "search",
    takes: "WORDS…",
    summary: "what the sources offer",
    positionals: [0, Number.POSITIVE_INFINITY],
    options: {
      filter: {
        value: "NAME=VALUE",
        multiple: true,
        help: "a filter of the source: organization, tag, license, format, schema, geozone, granularity, featured (may be repeated)",
      },
      max: { value: "N", help: "how many datasets (20)" },
      source: { value: "ID", help: "one source of the configuration only" },
    },
    examples: ["odh search prix des carburants", "odh search --filter organization=insee --filter format=csv communes"],
    load: () => import("../../commands/search.ts"),
  },
  {
    name: "plan",
    takes: "[DATASET…]",
    summary: "print the work items, one JSON line each",
    details: selection,
    positionals: [0, Number.POSITIVE_INFINITY],
    options: {
      batch: { value: "SECONDS", help: "items of one host each, of about so many seconds of work" },
      manifest: { value: "FILE", help: "also write what an orchestrator makes its Dags from" },
      "group-by": { value: "source|publisher", help: "groups of the manifest (source)" },
    },
    examples: [
      "odh plan > items.ndjson",
      "odh plan jours-feries-en-france",
      "odh plan --batch 30 --manifest manifest.json",
    ],
    load: () => import("../../commands/plan.ts"),
  },
  {
    name: "run",
    takes: "ITEM|@FILE",
    summary: "run one work item end to end",
    positionals: [1, 1],
    details:
      "ITEM is a line of `odh plan`; @FILE reads it from a file, @- from standard input. Exit codes: 0 loaded or partly, 99 unchanged.",
    options: {},
    examples: ["odh plan | head -1 | odh run @- --json"],
    load: () => import("../../commands/run.ts"),
  },
  {
    name: "sync",
    takes: "[DATASET…]",
    summary: "fetch what changed and load it",
    details: selection,
    positionals: [0, Number.POSITIVE_INFINITY],
    options: {
      only: { value: "TABLE", help: "only the resources that go to this table" },
      watch: {
        help: "go on: each dataset again when it is due, by its declared frequency, what was observed, or `freshWithin`",
      },
    },
    examples: ["odh sync", "odh sync 5b3cc551c751df4822526c1c", "odh sync --only hospitalisations", "odh sync --watch"],
    load: () => import("../../commands/sync.ts"),
  },
  {
    name: "replay",
    takes: "[DATASET…]",
    summary: "load again from the lake, without a request",
    positionals: [0, Number.POSITIVE_INFINITY],
    options: {
      from: { value: "DATE", help: "extractions from this date or instant (UTC)" },
      to: { value: "DATE", help: "extractions up to this date or instant, included" },
      only: { value: "TABLE", help: "only the resources of this table" },
    },
    examples: ["odh replay", "odh replay --from 2026-01-01 --only hospitalisations"],
    load: () => import("../../commands/replay.ts"),
  },
]
