/** Commands on Iceberg destinations. */
import type { CommandSpec } from "../command.ts"

export const icebergCommands: ReadonlyArray<CommandSpec> = [
  {
    name: "iceberg compact",
    takes: "[TABLE]",
    summary: "make few large files of many small ones; without --apply, say what there is to do",
    positionals: [0, 1],
    options: { apply: { help: "do it" } },
    examples: ["odh iceberg compact", "odh iceberg compact communes --apply"],
    load: () => import("../../commands/iceberg/compact.ts"),
  },
  {
    name: "iceberg expire",
    takes: "[TABLE]",
    summary: "forget old snapshots and the files that only they need; without --apply, say which",
    positionals: [0, 1],
    options: {
      apply: { help: "do it" },
      keep: { value: "N", help: "so many of the newest stay (10)" },
      "older-than": { value: "DAYS", help: "younger ones stay: readers may be at work on them (5)" },
    },
    examples: ["odh iceberg expire", "odh iceberg expire communes --keep 3 --older-than 30 --apply"],
    load: () => import("../../commands/iceberg/expire.ts"),
  },
  {
    name: "iceberg orphans",
    takes: "[TABLE]",
    summary: "remove files that no snapshot needs; without --apply, say which",
    positionals: [0, 1],
    options: {
      apply: { help: "do it" },
      "older-than": { value: "DAYS", help: "younger ones stay: a writer may not have committed yet (3)" },
    },
    examples: ["odh iceberg orphans", "odh iceberg orphans --apply"],
    load: () => import("../../commands/iceberg/orphans.ts"),
  },
  {
    name: "iceberg verify",
    takes: "[TABLE]",
    summary: "check metadata, manifests and every data file of the Iceberg tables",
    positionals: [0, 1],
    options: {},
    examples: ["odh iceberg verify"],
    load: () => import("../../commands/iceberg/verify.ts"),
  },
]
