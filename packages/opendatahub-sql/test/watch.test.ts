import { assert, describe, it } from "@effect/vitest"
import { defaultTableSettings } from "@opendatahub-sql/core"
import type { ResourceStatus } from "@opendatahub-sql/lake"
import { dataset } from "@opendatahub-sql/testkit/datagouv"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import { watch } from "../src/watch.ts"
import { odh, writeConfig } from "./support/command.ts"
import { emptyPortal, temporaryFolder } from "./support/place.ts"

const HOUR = 3_600_000

const resource = (name: string, every: number, seenAt: string): ResourceStatus => ({
  source: "datagouv",
  dataset: name,
  resource: name,
  title: name,
  datasetTitle: name,
  datasetSlug: name,
  extractions: 1,
  seenAt,
  changes: [seenAt],
  declaredEvery: every,
  tables: [],
  loads: [],
  trouble: [],
})

describe("odh sync --watch", () => {
  it.effect(
    "syncs everything once a day, and in between what is due: an hourly dataset by its hour, a yearly one never",
    () =>
      Effect.gen(function* () {
        const seen = new Map<string, string>()
        const synced: Array<readonly [minute: number, datasets: string]> = []
        const started = yield* Clock.currentTimeMillis
        const watching = yield* Effect.forkChild(
          watch({
            settings: () => defaultTableSettings,
            status: Effect.sync(() => [
              resource("hourly", HOUR, seen.get("hourly") ?? ""),
              resource("yearly", 8_766 * HOUR, seen.get("yearly") ?? ""),
            ]),
            sync: (datasets) =>
              Effect.map(Clock.currentTimeMillis, (now) => {
                synced.push([(now - started) / 60_000, datasets?.join() ?? "all"])
                for (const name of datasets ?? ["hourly", "yearly"]) seen.set(name, new Date(now).toISOString())
              }),
            onSleep: () => Effect.void,
          }),
        )
        yield* TestClock.adjust("30 minutes")
        assert.deepStrictEqual(
          synced.map(([, datasets]) => datasets),
          ["all", "hourly", "hourly", "hourly", "hourly"],
        )
        assert.deepStrictEqual(synced[1]?.[0], 7.5)
        yield* TestClock.adjust("24 hours")
        assert.lengthOf(
          synced.filter(([, datasets]) => datasets === "all"),
          2,
        )
        assert.isEmpty(synced.filter(([, datasets]) => datasets === "yearly"))
        yield* Fiber.interrupt(watching)
      }),
  )

  it.live(
    "says when it looks again, and ends with Ctrl-C",
    () =>
      Effect.gen(function* () {
        const portal = yield* emptyPortal
        portal.add(
          dataset({ slug: "a", title: "A", resources: [{ title: "a.csv", content: { bytes: "code;n\n01;2\n" } }] }),
        )
        const cwd = yield* temporaryFolder
        yield* writeConfig(
          cwd,
          portal.url,
          `{ network: { allowPrivate: ["127.0.0.1"] }, sources: [datagouv({ url: portal, datasets: ["a"] })] }`,
        )
        const { code, out, err } = yield* odh(["sync", "--watch"], {
          cwd,
          onStart: (child) =>
            child.stderr?.on("data", (chunk: Buffer) => {
              if (chunk.toString().includes("next look at")) child.kill("SIGINT")
            }),
        })
        assert.strictEqual(code, 130, err)
        assert.match(out, /a\.csv +loaded/)
        assert.match(err, /next look at \d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ/)
      }),
    60_000,
  )
})
