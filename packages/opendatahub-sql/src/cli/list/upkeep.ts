/** Commands that look after a hub. */
import type { CommandSpec } from "../command.ts"

export const upkeepCommands: ReadonlyArray<CommandSpec> = [
  {
    name: "lineage close",
    takes: "",
    summary: "tell the lineage server that runs which a kill left open are over",
    details: "The server is named by OPENLINEAGE__TRANSPORT or OPENLINEAGE_URL, as for every run.",
    positionals: [0, 0],
    options: { "older-than": { value: "HOURS", help: "younger runs may be at work (12)" } },
    examples: ["odh lineage close --older-than 6"],
    load: () => import("../../commands/lineage/close.ts"),
  },
  {
    name: "state rebuild",
    takes: "",
    summary: "make the state again from the lake",
    positionals: [0, 0],
    options: {},
    examples: ["odh state rebuild"],
    load: () => import("../../commands/state-rebuild.ts"),
  },
  {
    name: "doctor",
    takes: "",
    summary: "check the machine, the configuration, the lake and the destinations",
    positionals: [0, 0],
    options: {},
    examples: ["odh doctor"],
    load: () => import("../../commands/doctor.ts"),
  },
]
