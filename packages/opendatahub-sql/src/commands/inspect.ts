/** `odh inspect`: what a file is, and why we think so. */
import { type Json, type JsonObject, rows as rowsOf, WorkFolder } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { tmpdir } from "node:os"
import type { Work } from "../cli/command.ts"
import { bytesText, countText, rowsText } from "../cli/numbers.ts"
import { tableText } from "../cli/output.ts"
import { UsageError } from "../cli/usage-error.ts"
import { inputs } from "./inputs.ts"
import { readLocal, withEngine } from "./read-local.ts"

/** `utf-8 (byte order mark)`: what was decided, then why; what did not happen (zero, no, nothing) is left out. */
const factText = (value: Json): string | undefined => {
  if (value === null || value === false || value === 0 || value === "") return undefined
  if (typeof value !== "object") return String(value)
  if (Array.isArray(value)) {
    const said = (value as ReadonlyArray<Json>).map(factText).filter((one) => one !== undefined)
    return said.length === 0 ? undefined : said.join(", ")
  }
  const { why, ...rest } = value as JsonObject
  const said = Object.entries(rest).flatMap(([name, one]) => {
    const text = factText(one)
    return text === undefined ? [] : [one === true ? name : typeof one === "number" ? `${text} ${name}` : text]
  })
  if (said.length === 0 && typeof why !== "string") return undefined
  return typeof why === "string" ? `${said.join(" ")} (${why})` : said.join(", ")
}

const factLines = (facts: JsonObject): ReadonlyArray<string> =>
  Object.entries(facts).flatMap(([name, value]) => {
    const text = factText(value)
    return text === undefined || name === "table" ? [] : [`  ${name}: ${text}`]
  })

/** Reads the whole file, as a load would: the types are those that a load would find. */
export const work: Work = ({ positionals: [given = ""], text, output, hub: config }) =>
  Effect.gen(function* () {
    const shown = Number(text("rows") ?? 5)
    if (!Number.isInteger(shown) || shown < 0) return yield* Effect.fail(new UsageError("--rows takes a whole number"))
    const hub = yield* config
    return yield* withEngine(
      hub,
      tmpdir(),
      Effect.gen(function* () {
        const [input, ...others] = yield* inputs(hub, [given], yield* WorkFolder)
        if (input === undefined || others.length > 0)
          return yield* Effect.fail(new UsageError(`${given} is ${others.length + 1} files: give one`))
        const { file, tables, skipped, leaves } = yield* readLocal(hub, input, "auto")
        const reports = yield* Effect.forEach(tables, (table) =>
          Effect.gen(function* () {
            const names = table.columns.map((column) => column.name)
            const [batch] = yield* Stream.runCollect(Stream.take(table.batches(), 1))
            const first = batch === undefined ? [] : [...rowsOf(batch, names)].slice(0, shown)
            const { name, member, parent, rows, rowRejects, cellRejects, columns, facts, warnings = [] } = table
            return { name, member, parent, rows, rowRejects, cellRejects, facts, warnings, columns, first }
          }),
        )
        output.result(
          {
            file: file.name,
            bytes: file.size,
            readers: leaves[0]?.readers.map((reader) => reader.id),
            tables: reports,
            skipped,
          },
          () =>
            [
              `${file.name}: ${bytesText(file.size ?? 0)}, read as ${leaves[0]?.readers.map((reader) => reader.id).join(" > ") ?? "?"}`,
              ...skipped.map((member) => `left out: ${member.name}: ${member.why}`),
              ...reports.flatMap((table) => [
                "",
                `${table.name}${table.member === undefined ? "" : ` (${table.member})`}: ${rowsText(table.rows)}; rejected: ${rowsText(table.rowRejects)}, ${countText(table.cellRejects)} cells`,
                ...factLines(table.facts),
                ...table.warnings.map((warning) => `  warning: ${warning}`),
                "",
                tableText(
                  ["column", "type", "empty", "in the file", "why"],
                  table.columns.map((column) => [
                    column.name,
                    column.type,
                    column.nulls,
                    column.original === column.name ? "" : column.original,
                    column.why ?? "",
                  ]),
                ),
                ...(table.first.length === 0
                  ? []
                  : [
                      "",
                      tableText(
                        table.columns.map((column) => column.name),
                        table.first.map((row) => table.columns.map((column) => row[column.name])),
                      ),
                    ]),
              ]),
            ].join("\n"),
        )
        return 0
      }),
    )
  })
