import { assert, describe, it } from "@effect/vitest"
import { Ajv2020 } from "ajv/dist/2020.js"
import * as Effect from "effect/Effect"
import { readFileSync } from "node:fs"
import { copyFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { jsonLines, odh } from "./support/command.ts"
import { temporaryFolder } from "./support/place.ts"
import { syncedHub } from "./support/synced-hub.ts"

const { json, place, run } = syncedHub()
const takeConfig = (folder: string) =>
  Effect.promise(() => copyFile(join(place().cwd, "odh.config.ts"), join(folder, "odh.config.ts")))

/** Where a value departs from a schema that core publishes. */
const violations = (name: "run-result" | "work-item", value: unknown): ReadonlyArray<string> => {
  const file = new URL(import.meta.resolve(`@opendatahub-sql/core/${name}.schema.json`))
  const schema = new Ajv2020()
  schema.validate(JSON.parse(readFileSync(file, "utf8")) as object, value)
  return (schema.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ""}`)
}

describe("odh plan and odh run", () => {
  it.effect(
    "an item is a line that another process runs: loaded, then 99 when nothing changed",
    () =>
      Effect.gen(function* () {
        const folder = yield* temporaryFolder
        yield* takeConfig(folder)
        const planned = yield* odh(["plan", "jours-feries-en-france"], { cwd: folder })
        assert.strictEqual(planned.code, 0, planned.err)
        const [item] = planned.out.split("\n")
        assert.strictEqual(jsonLines(planned.out).length, 1)
        const first = yield* json(["run", "@-", "--result", "result.json"], { cwd: folder, input: item ?? "" })
        assert.strictEqual(first.code, 0)
        const [result] = first.values
        assert.deepStrictEqual(JSON.parse(readFileSync(join(folder, "result.json"), "utf8")), result)
        assert.deepStrictEqual(violations("work-item", JSON.parse(item ?? "")), [])
        assert.deepStrictEqual(violations("run-result", result), [])
        assert.deepInclude(result, { schemaVersion: 1, status: "loaded", source: "datagouv" })
        assert.match(JSON.stringify(result?.["warnings"]), /285 of 285 records .*odh rejects/)
        assert.containsAllKeys(result, ["resources", "startedAt", "endedAt"])
        const [resource] = (result?.["resources"] ?? []) as ReadonlyArray<{
          readonly tables: ReadonlyArray<Readonly<Record<string, unknown>>>
        }>
        assert.deepInclude(resource?.tables[0], {
          name: "jours_feries_en_france_jours_feries_metropole",
          rows: 286,
          rejects: 0,
          columns: 4,
          schemaChange: "create",
        })
        assert.isTrue(first.log.some((line) => line["message"] === "resource done" && line["rows"] === 286))
        yield* Effect.promise(() => writeFile(join(folder, "item.json"), item ?? ""))
        const second = yield* json(["run", "@item.json"], { cwd: folder })
        assert.deepStrictEqual([second.code, second.values[0]?.["status"]], [99, "unchanged"])
        assert.deepStrictEqual(violations("run-result", second.values[0]), [])
        const unwritable = yield* odh(["run", "@item.json", "--result", "odh.config.ts/x.json"], { cwd: folder })
        assert.deepStrictEqual([unwritable.code, /cannot be written/.test(unwritable.err)], [64, true], unwritable.err)
      }),
    60_000,
  )

  it.live(
    "with --exit-with-parent it ends when standard input closes",
    () =>
      Effect.gen(function* () {
        const folder = yield* temporaryFolder
        yield* takeConfig(folder)
        const { out } = yield* odh(["plan", "jours-feries-en-france"], { cwd: folder })
        place().portal.misbehave("/remote/*", { kind: "hang" })
        const ended = yield* odh(["run", out.trim(), "--exit-with-parent"], { cwd: folder, input: "" })
        place().portal.behave()
        assert.strictEqual(ended.code, 130, ended.err)
      }),
    60_000,
  )

  it.effect("an item of a source that the configuration lacks is refused, with what to add", () =>
    Effect.gen(function* () {
      const { out } = yield* run("plan", "jours-feries-en-france")
      const folder = yield* temporaryFolder
      yield* takeConfig(folder)
      const { code, values } = yield* json(["run", out.trim().replaceAll('"datagouv"', '"elsewhere"')], { cwd: folder })
      assert.strictEqual(code, 78)
      assert.include(JSON.stringify(values), "add it to `sources`")
      assert.deepStrictEqual(violations("run-result", values[0]), [])
      assert.isNotEmpty(violations("run-result", { ...values[0], status: "lost" }))
    }),
  )
})
