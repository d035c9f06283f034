/** `odh history`: the extractions of a table. */
import { eventText, readTable, tableExtractions } from "@opendatahub-sql/history"
import * as Effect from "effect/Effect"
import type { Work } from "../cli/command.ts"
import { tableText } from "../cli/output.ts"
import { columnsOf } from "./key.ts"
import { connectWarehouse } from "./warehouse.ts"

/** One line an extraction, oldest first. */
export const work: Work = ({ positionals: [name = ""], text, output, hub: config }) =>
  Effect.scoped(
    Effect.gen(function* () {
      const hub = yield* config
      const connection = yield* connectWarehouse(hub, text("sink"))
      const table = yield* readTable(connection, name)
      const key = columnsOf(text("key")) ?? hub.settings(name).key ?? []
      const extractions = yield* tableExtractions(connection, table, key)
      const several = new Set(extractions.map((one) => one.resource)).size > 1
      output.result(
        { table: name, mode: table.mode, key, extractions },
        () =>
          tableText(
            [
              "extracted",
              "published",
              ...(several ? ["resource"] : []),
              "rows",
              "added",
              "removed",
              ...(key.length === 0 ? [] : ["changed"]),
              "columns",
            ],
            extractions.map((one) => [
              one.extractedAt.slice(0, 19),
              one.publishedAt?.slice(0, 19),
              ...(several ? [one.resource] : []),
              one.rows,
              one.added,
              one.removed,
              ...(key.length === 0 ? [] : [one.changed]),
              one.events.map(eventText).join(", "),
            ]),
          ) +
          (table.mode === "history"
            ? ""
            : `\nthe mode of ${name} is "${table.mode}": what differs is known in mode "history"`),
      )
      return 0
    }),
  )
