import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { dataset, type Portal } from "@opendatahub-sql/testkit/datagouv"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { mkdirSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { KEY, SECRET, type SeaweedServer, startSeaweedServer, whyNoSeaweed } from "../../../../scripts/seaweed.ts"
import { odh, odhJson, writeConfig } from "../support/command.ts"
import { ask, emptyPortal, fileRequests, temporaryFolder } from "../support/place.ts"

let server: SeaweedServer

const offer = (portal: Portal): void => {
  portal.add(
    dataset({
      slug: "releves",
      title: "Relevés",
      resources: [
        {
          id: "11111111-1111-4111-8111-111111111111",
          title: "releves.csv",
          publications: [
            { at: "2026-03-01T00:00:00Z", content: { bytes: "code;n\na;1\nb;2\n" } },
            { at: "2026-03-02T00:00:00Z", content: { bytes: "code;n\na;1\nb;3\n" } },
          ],
        },
      ],
    }),
  )
}

describe.skipIf(whyNoSeaweed !== undefined)("a hub whose lake is in an object store", () => {
  beforeAll(async () => {
    server = await startSeaweedServer(async ({ endpoint }) => (await fetch(endpoint)).status > 0)
  }, 120_000)
  afterAll(() => server.stop(), 60_000)

  it.live(
    "works on two machines in turn as on one, verifies, replays without the network, and purges for good",
    () =>
      Effect.gen(function* () {
        const portal = yield* emptyPortal
        offer(portal)
        const folder = yield* temporaryFolder
        const env = {
          AWS_ENDPOINT_URL_S3: server.endpoint,
          AWS_REGION: "us-east-1",
          AWS_ACCESS_KEY_ID: KEY,
          AWS_SECRET_ACCESS_KEY: SECRET,
        }
        const machine = Effect.fnUntraced(function* (name: string) {
          const cwd = join(folder, name)
          mkdirSync(cwd)
          yield* writeConfig(
            cwd,
            portal.url,
            `{ lake: "s3://plain/hub", network: { allowPrivate: ["127.0.0.1"] }, sinks: [duckdb({ path: "../warehouse.duckdb" })],
              sources: [datagouv({ url: portal, datasets: [{ id: "releves", into: "releves" }] })] }`,
          )
          return (...args: ReadonlyArray<string>) => odhJson(args, { cwd, env })
        })
        const warehouse = join(folder, "warehouse.duckdb")
        const numbers = (sql: string) =>
          Effect.map(ask(warehouse, `select string_agg(n, '' order by code) as n from ${sql}`), ([row]) => row?.["n"])
        const [one, other] = [yield* machine("one"), yield* machine("other")]

        // The server answers before it has made its bucket.
        const empty = yield* Effect.repeat(one("doctor"), {
          until: ({ code }) => code === 0,
          schedule: Schedule.spaced("500 millis"),
          times: 60,
        })
        assert.include(JSON.stringify(empty.values), "s3://plain/hub, empty")
        portal.moveTo("2026-03-01")
        const first = yield* one("sync")
        assert.strictEqual(first.code, 0, JSON.stringify(first.log))
        portal.moveTo("2026-03-02")
        const second = yield* other("sync")
        assert.strictEqual(second.code, 0, JSON.stringify(second.log))
        assert.strictEqual(yield* numbers("bronze.releves_latest"), "13")
        const asked = fileRequests(portal).length
        assert.strictEqual((yield* one("sync")).code, 0)
        assert.isAtMost(fileRequests(portal).length - asked, 1)
        for (const run of [one, other]) {
          const verified = yield* run("lake", "verify")
          assert.deepInclude(verified.values[0], { records: 2, files: 2, problems: [] })
          assert.strictEqual((yield* run("status")).code, 0)
          assert.strictEqual((yield* run("doctor")).code, 0)
        }

        const before = portal.requests.length
        const purged = yield* other("purge", "releves", "code=a")
        assert.strictEqual(purged.code, 0, JSON.stringify(purged.log))
        assert.strictEqual(portal.requests.length, before)
        const replayed = yield* one("replay")
        assert.strictEqual(replayed.code, 0, JSON.stringify([replayed.values, replayed.log]))
        assert.strictEqual(yield* numbers("bronze.releves_latest"), "3")
        assert.deepInclude((yield* one("lake", "verify")).values[0], { records: 2, files: 2, problems: [] })
        const rebuilt = yield* one("state", "rebuild")
        assert.deepStrictEqual(rebuilt.values[0], { rebuilt: "s3://plain/hub" })
        for (const name of ["one", "other"])
          assert.isFalse(
            readdirSync(join(folder, name, "data"), { recursive: true }).some((path) => String(path).endsWith(".csv")),
          )
        const wrong = yield* odh(["lake", "verify"], {
          cwd: join(folder, "one"),
          env: { ...env, AWS_SECRET_ACCESS_KEY: "a wrong one" },
        })
        assert.strictEqual(wrong.code, 78)
        assert.notInclude(wrong.out + wrong.err, "a wrong one")
      }),
    600_000,
  )
})
