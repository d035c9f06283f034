import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { openObjectStore } from "@opendatahub-sql/object-store"
import { dumpState, type LakePlace, type RemoteLake, verify } from "@opendatahub-sql/lake"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { randomUUID } from "node:crypto"
import { KEY, SECRET, type SeaweedServer, startSeaweedServer, whyNoSeaweed } from "../../../../scripts/seaweed.ts"
import { openDoor } from "../../../object-store/test/door.ts"
import { downloaded, keepText, keyOf, resource, sha256, temporaryFolder, withLake } from "../lake-in-a-folder.ts"
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

  const throughDoor = Effect.gen(function* () {
    const door = yield* Effect.acquireRelease(
      Effect.promise(() => openDoor(server.endpoint)),
      (open) => Effect.promise(() => open.close()),
    )
    const folder = yield* temporaryFolder
    const place = { location: `s3://plain/lakes/${randomUUID()}`, folder, store: storeAt(door.endpoint) }
    return { door, place }
  })

  it.live("keeps a file whatever becomes of its upload: corrupted, cut, answered by an error, answer lost", () =>
    Effect.gen(function* () {
      const { door, place } = yield* throughDoor
      const mishaps = ["corrupted", "cut", "error-500", "slow-down", "answer-lost"] as const
      yield* withLake(place, (lake) =>
        Effect.gen(function* () {
          for (const mishap of mishaps) {
            for (const target of [/\/raw\//, /\/extractions\/.*\.json/]) {
              door.expectPut(target, mishap)
              const content = `${mishap} ${target.source} `.repeat(1000)
              const kept = yield* keepText(lake, content)
              assert.strictEqual(door.left(), 0, `${mishap} ${target.source}`)
              assert.strictEqual(kept?.file.sha256, sha256(content))
            }
          }
          const large = Buffer.alloc(11 * 1024 * 1024, "0123456789abc")
          door.expectAt(/partNumber=2/, "corrupted")
          door.expectAt(/\.csv\?uploadId=[^&]*$/, "answer-lost")
          const kept = yield* lake.keep(resource(), downloaded(lake.workFolder, large), {})
          assert.strictEqual(door.left(), 0)
          assert.strictEqual(kept?.file.bytes, large.length)
          assert.strictEqual((yield* lake.extractions(keyOf(resource()))).length, 2 * mishaps.length + 1)
        }),
      )
      const { problems, files } = yield* verify(place)
      assert.deepStrictEqual([problems, files], [[], 2 * mishaps.length + 1])
    }),
  )

  it.live("keeps both of two files that two writers bring at the same millisecond", () =>
    Effect.gen(function* () {
      const { place } = yield* throughDoor
      const other = { ...place, folder: yield* temporaryFolder }
      yield* withLake(place, (one) =>
        withLake(other, (two) =>
          Effect.all(
            [
              ...["A", "B", "C"].map((content) => keepText(one, content)),
              ...["D", "E", "F"].map((content) => keepText(two, content)),
            ],
            { concurrency: "unbounded" },
          ),
        ),
      )
      const all = yield* withLake(place, (lake) => lake.extractions(keyOf(resource())))
      assert.deepStrictEqual(
        all.map(({ file }) => file.sha256).toSorted(),
        ["A", "B", "C", "D", "E", "F"].map((content) => sha256(content)).toSorted(),
      )
      assert.strictEqual(new Set(all.map(({ extractedAt }) => extractedAt)).size, 6)
      assert.deepStrictEqual((yield* verify(place)).problems, [])
    }),
  )

  it.live("takes over the lease of a machine that gave no sign of life for a minute, by the clock of the store", () =>
    Effect.gen(function* () {
      const { door, place } = yield* throughDoor
      const foreign = { token: "x", host: "elsewhere", pid: 7, started: "1", run: "run-7", beat: 1 }
      const { source, dataset, resource: id } = keyOf(resource())
      const at = `${place.location}/leases/source=${source}/dataset=${dataset}/resource=${id}.json`
      yield* withStore((store) => store.put(at, Buffer.from(JSON.stringify(foreign))))
      const take = withLake(place, (lake) => Effect.scoped(lake.lease(keyOf(resource()))), { leaseWait: 600 })
      const error = yield* Effect.flip(take)
      assert.strictEqual(error.reason._tag, "Transient")
      assert.include(error.message, "process 7 on elsewhere")
      door.setAhead(90_000)
      yield* take
      assert.isUndefined(yield* withStore((store) => store.head(at)))
    }),
  )

  it.live("gives a new machine a copy of the state, which is no use when it is damaged and is never the truth", () =>
    Effect.gen(function* () {
      const { place } = yield* throughDoor
      yield* withLake(place, (lake) => keepText(lake, "A"))
      const copies = yield* withStore((store) => store.list(`${place.location}/state/`))
      assert.lengthOf(copies, 1)
      yield* withLake(place, (lake) => keepText(lake, "B"))
      const dump = yield* dumpState(place)
      assert.strictEqual(yield* dumpState({ ...place, folder: yield* temporaryFolder }), dump)
      yield* withStore((store) => store.put(copies[0]?.location ?? "", Buffer.alloc(8192, "no state")))
      assert.strictEqual(yield* dumpState({ ...place, folder: yield* temporaryFolder }), dump)
    }),
  )

  it.live("refuses a store that writes over what is there although it is told not to", () =>
    Effect.gen(function* () {
      const { door, place } = yield* throughDoor
      door.dropConditions()
      const error = yield* Effect.flip(withLake(place, () => Effect.void))
      assert.strictEqual(error.reason._tag, "Config")
      assert.include(error.message, "If-None-Match")
    }),
  )
})
