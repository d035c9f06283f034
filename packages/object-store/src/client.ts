/** A client of the SDK, which is loaded only here, and how it asks: again when the store did not answer. */
import type * as Sdk from "@aws-sdk/client-s3"
import { misconfigured } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import { StoreError, storeError } from "./failure.ts"
import type { StoreOptions } from "./options.ts"

/** The SDK, a client, and a way to ask that goes on when the store stumbles. */
export interface Client {
  readonly sdk: typeof Sdk
  readonly s3: Sdk.S3Client
  /** Asks, again with a new body each time when trying again can help. `purpose` continues "could not". */
  readonly ask: <A>(purpose: string, run: (signal: AbortSignal) => Promise<A>) => Effect.Effect<A, StoreError>
}

const loadSdk = Effect.tryPromise({
  try: () => import("@aws-sdk/client-s3"),
  catch: (cause) =>
    new StoreError({
      message: "an object store needs the SDK: npm install @aws-sdk/client-s3",
      reason: misconfigured,
      cause,
    }),
})

/** In milliseconds: to connect, for a whole answer to begin. */
const TIMEOUTS = { connectionTimeout: 10_000, requestTimeout: 300_000, throwOnRequestTimeout: true }

const isElsewhere = (): boolean =>
  process.env["AWS_ENDPOINT_URL_S3"] !== undefined || process.env["AWS_ENDPOINT_URL"] !== undefined

/** Opens a client for the scope. */
export const openClient = Effect.fnUntraced(function* (
  options: StoreOptions,
): Effect.fn.Return<Client, StoreError, Scope.Scope> {
  const sdk = yield* loadSdk
  const { credentials } = options
  const s3 = yield* Effect.acquireRelease(
    Effect.sync(
      () =>
        new sdk.S3Client({
          ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
          ...(options.region === undefined ? {} : { region: options.region }),
          ...(credentials === undefined
            ? {}
            : {
                credentials: {
                  accessKeyId: credentials.accessKeyId,
                  secretAccessKey: Redacted.value(credentials.secretAccessKey),
                },
              }),
          forcePathStyle: options.pathStyle ?? (options.endpoint !== undefined || isElsewhere()),
          requestHandler: { ...TIMEOUTS, socketTimeout: options.idleTimeout ?? 60_000 },
        }),
    ),
    (open) => Effect.sync(() => open.destroy()),
  )
  const again = Schedule.upTo(Schedule.jittered(Schedule.exponential(200)), { duration: options.patience ?? 30_000 })
  return {
    sdk,
    s3,
    ask: (purpose, run) =>
      Effect.tryPromise({ try: run, catch: (cause) => storeError(purpose, cause) }).pipe(
        Effect.retry({ while: (error) => error.reason._tag === "Transient", schedule: again }),
      ),
  }
})
