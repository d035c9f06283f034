import type { Position, Reason } from "../contracts/reason.ts"

/** Thrown by a plugin to say more than that it failed: where, and whether trying again helps. */
export class PluginFailure extends Error {
  override readonly name = "PluginFailure"
  readonly details: { readonly reason?: Reason; readonly position?: Position }
  /** @param details `reason` is `Terminal` when left out; `position` counts rows and lines from 1, bytes from 0 */
  constructor(
    message: string,
    details: { readonly reason?: Reason; readonly position?: Position; readonly cause?: unknown } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.details = details
  }
}
