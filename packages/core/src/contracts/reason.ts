/** Why something failed, as plain data. No Effect type: both doors of this package use this module. */

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
