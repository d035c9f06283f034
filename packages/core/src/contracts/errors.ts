/**
 * What went wrong, as plain data: every error says which plugin, in which operation, and by its `reason` whether trying again can help.
 * Core retries `Transient` only. Match on `_tag`, never on `instanceof`: two copies of a package may live in one process.
 */
import * as Data from "effect/Data"
import type { Json } from "./json.ts"
import type { Failure } from "./reason.ts"

/** A source could not say what it offers or where it is. */
export class SourceError extends Data.TaggedError("SourceError")<Failure> {}
/** Bytes could not be brought here. */
export class FetchError extends Data.TaggedError("FetchError")<Failure> {}
/** A file is not what its format says. */
export class FormatError extends Data.TaggedError("FormatError")<Failure> {}
/** The lake (raw files, records, events, state) failed. */
export class LakeError extends Data.TaggedError("LakeError")<Failure> {}
/** The engine that types and stages failed. */
export class EngineError extends Data.TaggedError("EngineError")<Failure> {}
/** A destination failed. */
export class SinkError extends Data.TaggedError("SinkError")<Failure> {}

/** What reading a kept file may raise. */
export type ReadError = LakeError | FormatError
/** Every error of the pipeline. */
export type HubError = SourceError | FetchError | FormatError | LakeError | EngineError | SinkError

/** One thing to correct in a configuration: `path` as in `sinks[0].path`, `hint` says what would be accepted. */
export interface ConfigIssue {
  readonly path: string
  readonly message: string
  readonly hint?: string
}
/** Everything that is wrong with a configuration, at once. */
export class ConfigError extends Data.TaggedError("ConfigError")<{
  readonly message: string
  readonly issues: ReadonlyArray<ConfigIssue>
}> {}

/** The part of an error that goes into events, results and logs. */
export const describeError = (error: HubError): { readonly [key: string]: Json } => ({
  error: error._tag,
  plugin: error.plugin,
  operation: error.operation,
  reason: error.reason._tag,
  message: error.message,
  ...(error.position === undefined ? {} : { position: { ...error.position } }),
})
