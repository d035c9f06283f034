/** Watches the events of a run: counts them as metrics, and tells them to a lineage server when one is asked for. Never fails a run. */
import type { OpenSink, RunEvent } from "@opendatahub-sql/core"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import { commandEvent, type LineageField, resourceEvents } from "./run-events.ts"
import { lineageSettings } from "./settings.ts"

/** Destinations of the run that is watched: set once they are open, read for the columns of what was loaded. */
export const WatchedSinks = Context.Reference<{ sinks: ReadonlyArray<OpenSink> }>(
  "opendatahub-sql/lineage/WatchedSinks",
  { defaultValue: () => ({ sinks: [] }) },
)

const rowsLoaded = Metric.counter("odh_rows_loaded", { description: "Rows of committed loads" })
const rowsRejected = Metric.counter("odh_rejects", { description: "Rejects of committed loads" })
const bytesKept = Metric.counter("odh_bytes_kept", { description: "Bytes of new extractions" })
const steps = Metric.counter("odh_events", { description: "Events of runs, by kind" })

const measure = (event: RunEvent): Effect.Effect<void> =>
  Effect.gen(function* () {
    yield* Metric.update(Metric.withAttributes(steps, { event: event._tag }), 1)
    if (event._tag === "Extracted") yield* Metric.update(bytesKept, event.bytes)
    if (event._tag !== "Loaded" || event.outcome !== "committed") return
    for (const { table, rows, rejects } of event.tables) {
      yield* Metric.update(Metric.withAttributes(rowsLoaded, { table, target: event.target }), rows)
      yield* Metric.update(Metric.withAttributes(rowsRejected, { table, target: event.target }), rejects)
    }
  })

const fieldsOf = Effect.fnUntraced(function* (sinks: ReadonlyArray<OpenSink>, event: RunEvent) {
  const fields = new Map<string, ReadonlyArray<LineageField>>()
  if (event._tag !== "Loaded") return fields
  const session = sinks.find(({ sink }) => sink.target === event.target)?.session
  if (session === undefined) return fields
  for (const { table } of event.tables) {
    const described = yield* Effect.orElseSucceed(session.describe(table), () => undefined)
    fields.set(
      table,
      (described?.columns ?? []).map(({ name, type }) => ({ name, type })),
    )
  }
  return fields
})

/** What to do after each event of a run of `command` was recorded. */
export const observer = (command: string, env: Readonly<Record<string, string | undefined>> = process.env) => {
  const lineage = lineageSettings(env)
  let startedAt = ""
  let isDown = false
  const send = (events: ReadonlyArray<object>) =>
    Effect.forEach(events, (event) =>
      lineage === undefined || isDown ? Effect.void : Effect.tryPromise(() => lineage.send(event)),
    ).pipe(
      Effect.catch(() =>
        Effect.suspend(() => {
          // Told once: a server that is down must not slow every resource.
          isDown = true
          return Effect.logWarning("lineage events cannot be sent, the run goes on without: see OPENLINEAGE__TRANSPORT")
        }),
      ),
    )
  return Effect.fnUntraced(function* (event: RunEvent) {
    yield* measure(event)
    if (lineage === undefined || isDown) return
    if (event._tag === "RunStarted") {
      startedAt = event.at
      yield* send([commandEvent(lineage, event.run, command, event.at, "START")])
    } else if (event._tag === "RunEnded") {
      const type = event.outcome === "done" ? "COMPLETE" : event.outcome === "interrupted" ? "ABORT" : "FAIL"
      yield* send([commandEvent(lineage, event.run, command, event.at, type)])
    } else {
      const { sinks } = yield* WatchedSinks
      const fields = yield* fieldsOf(sinks, event)
      yield* send(resourceEvents(lineage, command, startedAt, event, (table) => fields.get(table) ?? []))
    }
  })
}
