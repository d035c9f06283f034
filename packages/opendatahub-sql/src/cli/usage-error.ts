/** A mistake in the arguments that only the command can see: exit code 64. */
export class UsageError extends Error {
  readonly _tag = "UsageError"
}
