/** Commands on files of this machine, without a hub. */
import type { CommandSpec } from "../command.ts"

export const fileCommands: ReadonlyArray<CommandSpec> = [
  {
    name: "convert",
    takes: "INPUT… --to OUT",
    summary: "turn files into .parquet .csv .ndjson or .duckdb",
    positionals: [1, Number.POSITIVE_INFINITY],
    details:
      "An input is a file, a folder with its folders, a pattern in quotes, or an address (https://…). No configuration is needed. Several inputs, or an archive of several tables, go to a folder (--to DIR --as parquet) or to one .duckdb file; the further tables of one file go beside OUT.",
    options: {
      to: { value: "OUT", help: "the file, by its extension, or a folder" },
      as: { value: "FORMAT", help: "parquet (default), csv or ndjson, when OUT is a folder" },
      types: { value: "auto|text", help: "find the types (default), or keep everything as text" },
      rejects: { value: "FILE", help: "write what could not be taken there, as Parquet" },
      "row-numbers": { help: "keep the number of each record in its file, as _row" },
    },
    examples: [
      "odh convert communes.csv --to communes.parquet",
      "odh convert gtfs.zip --to gtfs.duckdb",
      "odh convert downloads/ --to out --as parquet",
      "odh convert https://www.data.gouv.fr/api/1/datasets/r/<resource id> --to here.parquet",
    ],
    load: () => import("../../commands/convert.ts"),
  },
  {
    name: "inspect",
    takes: "FILE|ADDRESS",
    summary: "show what a file is: encoding, dialect, columns, types and why, first rows",
    positionals: [1, 1],
    options: { rows: { value: "N", help: "how many rows to show (5)" } },
    examples: ["odh inspect communes.csv"],
    load: () => import("../../commands/inspect.ts"),
  },
]
