/** A process that loads: `node writer.ts OPTIONS NAME DAY COUNT`, one load of ten rows for each of COUNT resources. */
import { iceberg, lakehouseOf } from "@opendatahub-sql/sink-iceberg"
import * as Effect from "effect/Effect"
import type { EventEmitter } from "node:events"
import { makeSession } from "../../src/sink/session.ts"
import { loadQuery, sliceOf } from "../loading.ts"

const [options = "{}", name = "", day = "", count = "0"] = process.argv.slice(2)

const work = Effect.gen(function* () {
  const sink = yield* iceberg(JSON.parse(options)).decode
  const lakehouse = yield* lakehouseOf(sink) ?? Effect.die("no lakehouse")
  const session = makeSession(lakehouse)
  const events: EventEmitter = process
  events.emit("start-counting")
  for (let index = 0; index < Number(count); index++) {
    yield* loadQuery(session, lakehouse.connection, {
      key: `${name}-${day}-${index}`,
      slice: sliceOf(day, `${name}-${index}`),
      table: "t",
      sql: `select '${name}' as writer, ${index}::bigint as n, range as id from range(10)`,
    })
  }
})

await Effect.runPromise(Effect.scoped(work))
