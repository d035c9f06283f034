/**
 * What went wrong, as plain data: every error says which plugin, in which operation, and by its `reason` whether trying again can help.
 * Core retries `Transient` only. Match on `_tag`, never on `instanceof`: two copies of a package may live in one process.
 */
import * as Data from "effect/Data"
import type { Json } from "./json.ts"

/** Trying again later may work; `retryAfterMs` is the wait that the other side asked for, in milliseconds. */
export interface Transient {
  readonly _tag: "Transient"
  readonly retryAfterMs?: number
}
/** Trying again the same way cannot work. */
export interface Terminal {
  readonly _tag: "Terminal"
}
/** The user's configuration must change. */
export interface Misconfigured {
  readonly _tag: "Config"
}
/** The bytes are not what they claim to be; the next extraction may be good. */
export interface DataQuality {
  readonly _tag: "DataQuality"
}
/** Why an operation failed, and so what to do about it. */
export type Reason = Transient | Terminal | Misconfigured | DataQuality

/** The four reasons, ready to use; `transient(ms)` carries a wait in milliseconds. */
export const transient = (retryAfterMs?: number): Transient =>
  retryAfterMs === undefined ? { _tag: "Transient" } : { _tag: "Transient", retryAfterMs }
export const terminal: Terminal = { _tag: "Terminal" }
export const misconfigured: Misconfigured = { _tag: "Config" }
export const dataQuality: DataQuality = { _tag: "DataQuality" }

/** Where in the bytes: record and line count from 1, byte from 0. */
export interface Position {
  readonly row?: number
  readonly line?: number
  readonly byte?: number
}

/** What all errors carry. `message` says what happened, to what, and what to do next; it never holds a secret. */
export interface Failure {
  readonly plugin: string
  readonly operation: string
  readonly message: string
  readonly reason: Reason
  readonly position?: Position
  readonly cause?: unknown
}

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
