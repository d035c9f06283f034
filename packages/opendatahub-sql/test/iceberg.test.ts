import { assert, describe, it } from "@effect/vitest"
import { dataset } from "@opendatahub-sql/testkit/datagouv"
import * as Effect from "effect/Effect"
import { odh, writeConfig } from "./support/command.ts"
import { emptyPortal, temporaryFolder } from "./support/place.ts"

/** One value is no number. */
const FILE = Buffer.from("commune;n\nÉvry;1\nLe Rœulx;?\nParis;3\n")

describe("an Iceberg destination", () => {
  it.effect(
    "is filled by sync, asked by query, and kept in order by the commands of its own",
    () =>
      Effect.gen(function* () {
        const portal = yield* emptyPortal
        portal.add(
          dataset({ slug: "villes", title: "Villes", resources: [{ title: "villes.csv", content: { bytes: FILE } }] }),
        )
        const cwd = yield* temporaryFolder
        yield* writeConfig(
          cwd,
          portal.url,
          `{ network: { allowPrivate: ["127.0.0.1"] }, sources: [datagouv({ url: portal, datasets: ["villes"] })],
             tables: { villes: { columns: { n: "bigint" } } }, sinks: [iceberg({ path: "./lakehouse" })] }`,
        )
        const run = (...args: ReadonlyArray<string>) => odh(args, { cwd })
        const rows = (out: string): ReadonlyArray<unknown> =>
          out
            .trim()
            .split("\n")
            .map((line) => JSON.parse(line))
        assert.match((yield* run("sync")).out, /1 loaded/)
        assert.deepStrictEqual(
          rows((yield* run("query", "select commune, n from villes order by _row", "--json")).out),
          [
            { commune: "Évry", n: "1" },
            { commune: "Le Rœulx", n: null },
            { commune: "Paris", n: "3" },
          ],
        )
        assert.deepStrictEqual(rows((yield* run("query", "select code, raw from odh_rejects", "--json")).out), [
          { code: "not-bigint", raw: "?" },
        ])
        const before = yield* run("query", "select count(*) as n from villes", "--as-of", "2001-01-01", "--json")
        assert.deepStrictEqual(rows(before.out), [{ n: "0" }])
        assert.match((yield* run("sync")).out, /1 unchanged/)
        const verified = yield* run("iceberg", "verify")
        assert.deepStrictEqual([verified.code, /villes: 1 snapshots/.test(verified.out)], [0, true], verified.out)
        assert.match((yield* run("iceberg", "expire", "villes")).out, /nothing was changed: do it with --apply/)
        assert.match((yield* run("iceberg", "orphans")).out, /no file that nothing needs/)
        assert.match((yield* run("iceberg", "compact", "--apply")).out, /villes/)
        assert.strictEqual((yield* run("iceberg", "verify", "nowhere")).code, 78)
      }),
    300_000,
  )
})
