/** A hub that was synced once: what the commands that look at it are asked about. */
import { assert } from "@effect/vitest"
import { type Portal, startDatagouv } from "@opendatahub-sql/testkit/datagouv"
import * as Effect from "effect/Effect"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll } from "vitest"
import { type CommandOptions, odh, odhJson, writeConfig } from "./command.ts"
import { corpus } from "./place.ts"

/** Syncs two pilots before the tests of a file. `place` is there once they run. */
export const syncedHub = () => {
  let portal: Portal | undefined
  let cwd = ""
  beforeAll(async () => {
    portal = await startDatagouv({ files: corpus })
    cwd = await mkdtemp(join(tmpdir(), "odh-command-"))
    await Effect.runPromise(
      writeConfig(
        cwd,
        portal.url,
        `{
    network: { allowPrivate: ["127.0.0.1"] },
    sources: [datagouv({ url: portal, datasets: ["jours-feries-en-france", { id: "reseaux-de-transports-en-commun-de-la-metropole-daix-marseille-provence", into: "gtfs" }] })],
    tables: { jours_feries_en_france_metropole: { columns: { value: "bigint" } } },
  }`,
      ),
    )
    const { code, err } = await Effect.runPromise(odh(["sync"], { cwd }))
    assert.strictEqual(code, 0, err)
  }, 60_000)
  afterAll(async () => {
    await portal?.close()
    await rm(cwd, { recursive: true, force: true })
  })
  return {
    place: () => {
      if (portal === undefined) throw new Error("the hub is there once a test runs")
      return { cwd, portal }
    },
    run: (...args: ReadonlyArray<string>) => odh(args, { cwd }),
    json: (args: ReadonlyArray<string>, options?: CommandOptions) => odhJson(args, options ?? { cwd }),
  }
}
