import { afterAll, beforeAll, describe } from "@effect/vitest"
import { openObjectStore } from "@opendatahub-sql/object-store"
import type { LakePlace, RemoteLake } from "@opendatahub-sql/lake"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { randomUUID } from "node:crypto"
import { KEY, SECRET, type SeaweedServer, startSeaweedServer, whyNoSeaweed } from "../../../../scripts/seaweed.ts"
import { temporaryFolder } from "../lake-in-a-folder.ts"
import { storageLaws } from "../storage-laws.ts"

let server: SeaweedServer

const storeAt = (endpoint: string) => ({
  endpoint,
  region: "us-east-1",
  credentials: { accessKeyId: KEY, secretAccessKey: Redacted.make(SECRET) },
  partBytes: 5 * 1024 * 1024,
})

const remote = (place: LakePlace): RemoteLake => {
  if (typeof place === "string") throw new TypeError("a folder")
  return place
}

const withStore = <A>(
  use: (store: Effect.Success<ReturnType<typeof openObjectStore>>) => Effect.Effect<A, unknown>,
): Effect.Effect<A> => Effect.orDie(Effect.scoped(Effect.flatMap(openObjectStore(storeAt(server.endpoint)), use)))

describe.skipIf(whyNoSeaweed !== undefined)("SeaweedFS", () => {
  beforeAll(async () => {
    server = await startSeaweedServer(({ endpoint }) =>
      Effect.runPromise(
        Effect.scoped(
          Effect.flatMap(openObjectStore(storeAt(endpoint)), (store) =>
            Effect.as(store.put("s3://plain/ready", Buffer.from("yes")), true),
          ),
        ),
      ),
    )
  }, 120_000)
  afterAll(() => server.stop(), 60_000)

  storageLaws(
    "an object store",
    {
      place: Effect.map(temporaryFolder, (folder) => ({
        location: `s3://plain/lakes/${randomUUID()}`,
        folder,
        store: storeAt(server.endpoint),
      })),
      elsewhere: (place) => Effect.map(temporaryFolder, (folder) => ({ ...remote(place), folder })),
      files: (place) =>
        withStore((store) =>
          Effect.gen(function* () {
            const { location } = remote(place)
            const files = new Map<string, Buffer>()
            for (const one of yield* store.list(`${location}/`))
              files.set(one.location.slice(location.length + 1), Buffer.from((yield* store.get(one.location)) ?? []))
            return files
          }),
        ),
      damage: (place, path, bytes) =>
        withStore((store) => {
          const at = `${remote(place).location}/${path}`
          return bytes === undefined ? store.remove([at]) : store.put(at, bytes)
        }),
      kills: process.env["ODH_LONG"] === "1" ? 100 : 6,
    },
    300_000,
  )
})
