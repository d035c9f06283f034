/** Files of an object store with the S3 interface. Written once, with checksums; read whole, or brought to the disk for the engine. */
import type { S3Client } from "@aws-sdk/client-s3"
import { misconfigured, type SinkError, transient } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import { createHash, randomUUID } from "node:crypto"
import { createReadStream, createWriteStream } from "node:fs"
import { mkdir, rm, stat } from "node:fs/promises"
import { join } from "node:path"
import { pipeline } from "node:stream/promises"
import type { Readable } from "node:stream"
import { failure } from "../failure.ts"
import type { Files } from "./files.ts"

/** How the store is reached. What is left out comes from the environment, as for every program that uses the SDK. */
export interface S3Options {
  /** For stores other than Amazon's: `http://127.0.0.1:8333`. */
  readonly endpoint?: string
  readonly region?: string
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: Redacted.Redacted<string> }
  /** Buckets in the path, not in the host name: what most other stores want; the default when there is an `endpoint`. */
  readonly pathStyle?: boolean
}

/** Of one request to remove objects. */
const MOST_REMOVED = 1000

interface ObjectAddress {
  readonly Bucket: string
  readonly Key: string
}

/** `s3://bucket/a/b`; `s3a` and `s3n` are older names of the same. */
export const addressOf = (location: string): ObjectAddress => {
  const match = /^s3[an]?:\/\/([^/]+)\/(.*)$/.exec(location)
  if (match === null) throw new RangeError(`"${location}" is no location in an object store`)
  return { Bucket: match[1] ?? "", Key: match[2] ?? "" }
}

const nameOf = (cause: unknown): string => (cause instanceof Error ? cause.name : "")

const statusOf = (cause: unknown): number | undefined => {
  const metadata = (cause as { readonly $metadata?: { readonly httpStatusCode?: number } }).$metadata
  return metadata?.httpStatusCode
}

const reasonOf = (cause: unknown) => {
  const status = statusOf(cause)
  if (status === 401 || status === 403) return misconfigured
  return status === undefined || status >= 500 || status === 429 ? transient() : undefined
}

const loadSdk = Effect.tryPromise({
  try: () => import("@aws-sdk/client-s3"),
  catch: (cause) =>
    failure("open", "tables in an object store need the SDK: npm install @aws-sdk/client-s3", misconfigured, cause),
})

/** Opens the store for the scope. Files that the engine writes and reads pass through `workFolder`. */
export const openS3Files = Effect.fn("Iceberg.openS3")(function* (
  options: S3Options,
  workFolder: string,
): Effect.fn.Return<Files, SinkError, Scope.Scope> {
  const sdk = yield* loadSdk
  const { credentials } = options
  const client: S3Client = yield* Effect.acquireRelease(
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
          forcePathStyle: options.pathStyle ?? options.endpoint !== undefined,
        }),
    ),
    (open) => Effect.sync(() => open.destroy()),
  )

  /** Tried again when the store did not answer, with a new body each time. */
  const ask = <A>(purpose: string, run: () => Promise<A>): Effect.Effect<A, SinkError> =>
    Effect.tryPromise({
      try: run,
      catch: (cause) =>
        failure(
          "store",
          `could not ${purpose}: ${nameOf(cause)} ${cause instanceof Error ? cause.message : String(cause)}`,
          reasonOf(cause),
          cause,
        ),
    }).pipe(
      Effect.retry({
        while: (error) => error.reason._tag === "Transient",
        schedule: Schedule.upTo(Schedule.jittered(Schedule.exponential(200)), { duration: 30_000 }),
      }),
    )

  const temporaryFolder = Effect.acquireRelease(
    Effect.promise(async () => {
      const folder = join(workFolder, `iceberg-${randomUUID()}`)
      await mkdir(folder, { recursive: true })
      return folder
    }),
    (folder) => Effect.promise(() => rm(folder, { recursive: true, force: true })),
  )

  const fetch = (location: string, folder: string) =>
    ask(`read ${location}`, async () => {
      const path = join(folder, `${createHash("sha256").update(location).digest("hex").slice(0, 32)}.parquet`)
      const { Body } = await client.send(new sdk.GetObjectCommand(addressOf(location)))
      await pipeline(Body as Readable, createWriteStream(path))
      return path
    })

  return {
    read: (location) =>
      ask(`read ${location}`, async () => {
        const { Body } = await client.send(new sdk.GetObjectCommand(addressOf(location)))
        return (await Body?.transformToByteArray()) ?? new Uint8Array()
      }),
    write: (location, bytes) =>
      Effect.asVoid(
        ask(`write ${location}`, () => client.send(new sdk.PutObjectCommand({ ...addressOf(location), Body: bytes }))),
      ),
    staging: () => temporaryFolder,
    put: (path, location) =>
      Effect.asVoid(
        ask(`write ${location}`, async () => {
          const { size } = await stat(path)
          await client.send(
            new sdk.PutObjectCommand({ ...addressOf(location), Body: createReadStream(path), ContentLength: size }),
          )
          await rm(path)
        }),
      ),
    local: (locations) =>
      locations.length === 0
        ? Effect.succeed([])
        : Effect.flatMap(temporaryFolder, (folder) =>
            Effect.forEach(locations, (location) => fetch(location, folder), { concurrency: 4 }),
          ),
    remove: (locations) =>
      Effect.gen(function* () {
        const byBucket = new Map<string, Array<string>>()
        for (const location of locations) {
          const { Bucket, Key } = addressOf(location)
          byBucket.set(Bucket, [...(byBucket.get(Bucket) ?? []), Key])
        }
        for (const [Bucket, keys] of byBucket) {
          for (let at = 0; at < keys.length; at += MOST_REMOVED) {
            const Objects = keys.slice(at, at + MOST_REMOVED).map((Key) => ({ Key }))
            yield* ask(`remove ${Objects.length} files`, () =>
              client.send(new sdk.DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } })),
            )
          }
        }
      }),
    list: (location) =>
      ask(`list ${location}`, async () => {
        const { Bucket, Key } = addressOf(location)
        const pages = sdk.paginateListObjectsV2({ client }, { Bucket, Prefix: `${Key.replace(/\/$/, "")}/` })
        const found: Array<{ location: string; bytes: number; modifiedAt: number }> = []
        for await (const page of pages) {
          for (const one of page.Contents ?? []) {
            found.push({
              location: `s3://${Bucket}/${one.Key}`,
              bytes: one.Size ?? 0,
              modifiedAt: one.LastModified?.getTime() ?? 0,
            })
          }
        }
        return found
      }),
    folders: [],
  }
})
