/** OpenTelemetry of one command, by the standard environment variables (`OTEL_EXPORTER_OTLP_ENDPOINT`, `OTEL_SERVICE_NAME`, …). */
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"
import * as Otlp from "effect/observability/Otlp"
import * as OtlpSerialization from "effect/observability/OtlpSerialization"
import * as Tracer from "effect/Tracer"
import { version } from "../version.ts"

const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/

/** The span of the orchestrator's task, from W3C `TRACEPARENT`; `undefined` when it is none. */
export const parentSpan = (traceparent: string | undefined): Tracer.ExternalSpan | undefined => {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(traceparent ?? "") ?? []
  return traceId === undefined || spanId === undefined
    ? undefined
    : Tracer.externalSpan({ traceId, spanId, sampled: (Number.parseInt(flags ?? "0", 16) & 1) === 1 })
}

const exporter = Otlp.layerFromConfig({ resource: { serviceName: "odh", serviceVersion: version } }).pipe(
  Layer.provide(OtlpSerialization.layerJson),
  Layer.provide(FetchHttpClient.layer),
)

/** Who names an address wants traces and metrics there, as the specification has it; logs stay on standard error. */
const asSpecified = Effect.sync(() => {
  process.env["OTEL_TRACES_EXPORTER"] ??= "otlp"
  process.env["OTEL_METRICS_EXPORTER"] ??= "otlp"
})

/** The command as a span, a child of `TRACEPARENT`'s; spans and metrics are sent before it ends. */
export const traced = <A, E>(name: string, work: Effect.Effect<A, E>): Effect.Effect<A, E> => {
  const parent = parentSpan(process.env["TRACEPARENT"])
  const spanned = Effect.withSpan(work, `odh ${name}`)
  const joined = parent === undefined ? spanned : Effect.withParentSpan(spanned, parent)
  return Effect.andThen(asSpecified, Effect.provide(joined, exporter))
}
