/**
 * An object store with the S3 interface. Every body is a buffer with a checksum that the store compares, so a request can be made again, and
 * bytes that changed on their way are refused; what is larger goes in parts.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { open, readFile, stat } from "node:fs/promises"
import { addressOf } from "./address.ts"
import { type Client, openClient } from "./client.ts"
import type { StoreOptions } from "./options.ts"
import { isMissing, isRefused, onDisk, StoreError } from "./failure.ts"
import { putInParts } from "./parts.ts"

/** An object; `modifiedAt` in milliseconds since 1970, by the clock of the store. */
export interface StoredObject {
  readonly location: string
  readonly bytes: number
  readonly modifiedAt: number
}

/** An object with its version, and the time it was asked for by the clock of the store (milliseconds since 1970). */
export interface ObjectHead extends StoredObject {
  readonly etag: string
  readonly askedAt: number
}

/** When an object may be written. Without: always. */
export type Condition = { readonly _tag: "IfNone" } | { readonly _tag: "IfMatch"; readonly etag: string }

/** Bytes `start` (included) to `end` (excluded; the end of the object when left out). */
export interface Range {
  readonly start: number
  readonly end?: number | undefined
}

/** Objects by location (`s3://bucket/key`). What can be tried again was, until the patience was over. */
export interface ObjectStore {
  /** The bytes; `undefined` when there is no such object. Of a range only what is there. */
  readonly get: (location: string, range?: Range) => Effect.Effect<Uint8Array | undefined, StoreError>
  /** Brings an object of known size to a file of this machine, in parts side by side; fails when it is shorter. */
  readonly download: (location: string, path: string, bytes: number) => Effect.Effect<void, StoreError>
  /**
   * Stores bytes or a file of this machine. `refused`: the condition did not hold. Also when the answer to a first attempt was lost and the
   * second one met what the first had written: compare what is there.
   */
  readonly put: (
    location: string,
    body: Uint8Array | { readonly path: string },
    condition?: Condition,
  ) => Effect.Effect<"stored" | "refused", StoreError>
  readonly head: (location: string) => Effect.Effect<ObjectHead | undefined, StoreError>
  /** All objects whose location begins so, in the order of their names; `after` leaves out those up to that location. */
  readonly list: (prefix: string, after?: string) => Effect.Effect<ReadonlyArray<StoredObject>, StoreError>
  /** The next parts of the names after a prefix that ends with `/`: of objects and of what looks like folders. */
  readonly names: (prefix: string) => Effect.Effect<ReadonlyArray<string>, StoreError>
  /** Removes objects; those that are gone already do not matter. */
  readonly remove: (locations: ReadonlyArray<string>) => Effect.Effect<void, StoreError>
}

/** Of one request to remove objects. */
const MOST_REMOVED = 1000
const PART = 16 * 1024 * 1024

const conditionOf = (condition: Condition | undefined) =>
  condition === undefined ? {} : condition._tag === "IfNone" ? { IfNoneMatch: "*" } : { IfMatch: condition.etag }

const orUndefined = <A>(run: Promise<A>): Promise<A | undefined> =>
  run.catch((cause: unknown) => {
    if (isMissing(cause)) return undefined
    throw cause
  })

/** `refused` when the condition did not hold. */
const unlessRefused = (run: Promise<unknown>): Promise<"stored" | "refused"> =>
  run.then(
    () => "stored" as const,
    (cause: unknown) => {
      if (isRefused(cause)) return "refused" as const
      throw cause
    },
  )

const download = Effect.fnUntraced(function* (
  get: ObjectStore["get"],
  location: string,
  path: string,
  bytes: number,
  part: number,
) {
  const file = yield* Effect.acquireRelease(
    onDisk(`write ${path}`, () => open(path, "w")),
    (handle) => Effect.promise(() => handle.close()),
  )
  const starts = Array.from({ length: Math.ceil(bytes / part) }, (_, index) => index * part)
  yield* Effect.forEach(
    starts,
    Effect.fnUntraced(function* (start) {
      const end = Math.min(bytes, start + part)
      const content = yield* get(location, { start, end })
      if (content?.length !== end - start) {
        return yield* new StoreError({
          message: `could not read ${location}: ${content === undefined ? "it is not there" : `it is shorter than ${bytes} bytes`}`,
          reason: { _tag: "Terminal" },
        })
      }
      yield* onDisk(`write ${path}`, () => file.write(content, 0, content.length, start))
    }),
    { concurrency: 4, discard: true },
  )
}, Effect.scoped)

const makeStore = (client: Client, part: number): ObjectStore => {
  const { sdk, s3, ask } = client
  const get: ObjectStore["get"] = (location, range) =>
    range?.end !== undefined && range.start >= range.end
      ? Effect.succeed(new Uint8Array())
      : ask(`read ${location}`, async (abortSignal) => {
          const request = {
            ...addressOf(location),
            ...(range === undefined
              ? {}
              : { Range: `bytes=${range.start}-${range.end === undefined ? "" : range.end - 1}` }),
          }
          // An answer without its end is a failure of the body, not of the request.
          return orUndefined(
            s3
              .send(new sdk.GetObjectCommand(request), { abortSignal })
              .then(async ({ Body }) => (await Body?.transformToByteArray()) ?? new Uint8Array())
              .catch((cause: unknown) => {
                if ((cause as { readonly name?: string }).name === "InvalidRange") return new Uint8Array()
                throw cause
              }),
          )
        })
  return {
    get,
    download: (location, path, bytes) => download(get, location, path, bytes, part),
    put: Effect.fnUntraced(function* (location, body, condition) {
      const address = addressOf(location)
      const when = conditionOf(condition)
      if (!(body instanceof Uint8Array)) {
        const { size } = yield* onDisk(`read ${body.path}`, () => stat(body.path))
        if (size > part) return yield* putInParts(client, { location, path: body.path, size, part, when })
      }
      const Body = body instanceof Uint8Array ? body : yield* onDisk(`read ${body.path}`, () => readFile(body.path))
      return yield* ask(`write ${location}`, (abortSignal) =>
        unlessRefused(s3.send(new sdk.PutObjectCommand({ ...address, Body, ...when }), { abortSignal })),
      )
    }),
    head: (location) =>
      ask(`look at ${location}`, async (abortSignal) => {
        const found = await orUndefined(s3.send(new sdk.HeadObjectCommand(addressOf(location)), { abortSignal }))
        if (found === undefined) return undefined
        const { dated } = found.$metadata as { readonly dated?: string }
        return {
          location,
          bytes: found.ContentLength ?? 0,
          modifiedAt: found.LastModified?.getTime() ?? 0,
          etag: found.ETag ?? "",
          askedAt: Date.parse(dated ?? "") || (found.LastModified?.getTime() ?? 0),
        }
      }),
    list: (prefix, after) =>
      ask(`list ${prefix}`, async () => {
        const { Bucket, Key } = addressOf(prefix)
        const pages = sdk.paginateListObjectsV2(
          { client: s3 },
          { Bucket, Prefix: Key, ...(after === undefined ? {} : { StartAfter: addressOf(after).Key }) },
        )
        const found: Array<StoredObject> = []
        for await (const page of pages) {
          for (const one of page.Contents ?? []) {
            const modifiedAt = one.LastModified?.getTime() ?? 0
            found.push({ location: `s3://${Bucket}/${one.Key}`, bytes: one.Size ?? 0, modifiedAt })
          }
        }
        return found
      }),
    names: (prefix) =>
      ask(`list ${prefix}`, async () => {
        const { Bucket, Key } = addressOf(prefix)
        const pages = sdk.paginateListObjectsV2({ client: s3 }, { Bucket, Prefix: Key, Delimiter: "/" })
        const found: Array<string> = []
        for await (const page of pages) {
          for (const one of page.CommonPrefixes ?? []) found.push((one.Prefix ?? "").slice(Key.length, -1))
          for (const one of page.Contents ?? []) found.push((one.Key ?? "").slice(Key.length))
        }
        return found.toSorted()
      }),
    remove: Effect.fnUntraced(function* (locations) {
      const addresses = locations.map(addressOf)
      for (const Bucket of new Set(addresses.map((one) => one.Bucket))) {
        const keys = addresses.filter((one) => one.Bucket === Bucket).map(({ Key }) => ({ Key }))
        for (let at = 0; at < keys.length; at += MOST_REMOVED) {
          const Objects = keys.slice(at, at + MOST_REMOVED)
          const { Errors = [] } = yield* ask(`remove ${Objects.length} objects`, (abortSignal) =>
            s3.send(new sdk.DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }), { abortSignal }),
          )
          const [first] = Errors.filter(({ Code }) => Code !== "NoSuchKey")
          if (first !== undefined) {
            return yield* new StoreError({
              message: `could not remove ${first.Key}: ${first.Code} ${first.Message}`,
              reason: { _tag: "Terminal" },
            })
          }
        }
      }
    }),
  }
}

/** Opens a store for the scope. */
export const openObjectStore = Effect.fn("ObjectStore.open")(function* (
  options: StoreOptions,
): Effect.fn.Return<ObjectStore, StoreError, Scope.Scope> {
  const client = yield* openClient(options)
  // The store's own clock, for whoever must not trust the one of this machine.
  client.s3.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args)
      const { headers } = result.response as { readonly headers?: Readonly<Record<string, string>> }
      Object.assign((result.output as { readonly $metadata: object }).$metadata, { dated: headers?.["date"] })
      return result
    },
    { step: "deserialize", name: "dated", priority: "high" },
  )
  return makeStore(client, options.partBytes ?? PART)
})
