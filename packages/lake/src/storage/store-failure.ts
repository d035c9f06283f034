import type { LakeError } from "@opendatahub-sql/core"
import type { StoreError } from "@opendatahub-sql/object-store"
import * as Effect from "effect/Effect"
import { failure } from "../failure.ts"

/** What an object store refused, as a {@link LakeError}. */
export const ofStore = <A, R>(
  operation: string,
  ask: Effect.Effect<A, StoreError, R>,
): Effect.Effect<A, LakeError, R> =>
  Effect.mapError(ask, (error) => failure(operation, error.message, error.reason, error))
