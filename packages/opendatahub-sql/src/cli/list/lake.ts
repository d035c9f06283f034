/** Commands on the lake. */
import type { CommandSpec } from "../command.ts"

export const lakeCommands: ReadonlyArray<CommandSpec> = [
  {
    name: "lake ls",
    takes: "",
    summary: "the lake as a tree",
    positionals: [0, 0],
    options: {},
    examples: ["odh lake ls"],
    load: () => import("../../commands/lake/ls.ts"),
  },
  {
    name: "lake verify",
    takes: "",
    summary: "hash every kept file again and compare",
    positionals: [0, 0],
    options: {},
    examples: ["odh lake verify"],
    load: () => import("../../commands/lake/verify.ts"),
  },
  {
    name: "lake import",
    takes: "DATASET FILE…",
    summary: "put files that somebody kept in their place in the past of a resource, and load them",
    positionals: [2, Number.POSITIVE_INFINITY],
    details:
      "DATASET is an id or a slug, in the lake or in the configuration. A file is dated by its name (2020-06-29, 20200629, 29-06-2020, 2020-06-29-19h00; UTC).",
    options: {
      resource: { value: "ID", help: "id or title of the resource, when the dataset has several" },
      date: { value: "DATE", help: "the date of the one file" },
      "by-time": { help: "take the time when each file was last changed" },
    },
    examples: ["odh lake import hospitalisations archive/donnees-*.csv"],
    load: () => import("../../commands/lake/import.ts"),
  },
  {
    name: "lake backfill",
    takes: "DATASET ADDRESS…",
    summary: "fetch the past of a resource from addresses that hold their date, and load it",
    positionals: [1, Number.POSITIVE_INFINITY],
    details:
      "An address holds a date, or {date}, {yyyy}, {yy}, {mm}, {dd} in its place. What is not there is told, and does not stop the others (exit 75).",
    options: {
      resource: { value: "ID", help: "id or title of the resource, when the dataset has several" },
      from: { value: "DATE", help: "the first date of a template" },
      to: { value: "DATE", help: "the last date of a template, included" },
      every: { value: "PERIOD", help: "day (default), month or year" },
      list: { value: "FILE", help: "addresses, one a line, each with its date in it or before it" },
    },
    examples: [
      "odh lake backfill comptages 'https://example.org/{yyyy}/comptages-{date}.csv' --from 2020-01-01 --to 2020-03-31",
    ],
    load: () => import("../../commands/lake/backfill.ts"),
  },
  {
    name: "lake prune",
    takes: "[DATASET…]",
    summary: "lose old extractions by a policy; without --apply, say which",
    positionals: [0, Number.POSITIVE_INFINITY],
    details:
      "An extraction goes when nothing keeps it. The newest of a resource always stays; destinations keep their rows.",
    options: {
      "older-than": { value: "DAYS", help: "younger ones stay" },
      keep: { value: "N", help: "so many of the newest stay (1)" },
      "one-per": { value: "PERIOD", help: "the last one of each day, month or year stays" },
      apply: { help: "do it" },
    },
    examples: ["odh lake prune --older-than 365 --one-per month", "odh lake prune --older-than 90 --keep 10 --apply"],
    load: () => import("../../commands/lake/prune.ts"),
  },
]
