import { readFileSync } from "node:fs"
import { runInNewContext } from "node:vm"
import { assert, describe, it } from "@effect/vitest"
import { iceberg, type IcebergOptions } from "@opendatahub-sql/sink-iceberg"
import * as Effect from "effect/Effect"

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8")

describe("the README", () => {
  it.effect("shows options that are accepted, and has a line for each of them", () =>
    Effect.gen(function* () {
      const shown = [...readme.matchAll(/iceberg\((\{[\s\S]*?\})\)[\],\n]/g)].map(([, code]) => {
        return runInNewContext(`(${code ?? "undefined"})`) as IcebergOptions
      })
      assert.lengthOf(shown, 2)
      const targets = yield* Effect.forEach(shown, (options) =>
        Effect.map(iceberg(options).decode, (sink) => sink.target),
      )
      assert.match(targets[0] ?? "", /^iceberg:\/.*data\/iceberg#bronze$/)
      assert.strictEqual(targets[1], "iceberg:https://catalog.example.org s3://warehouse#bronze")
      const refused = yield* Effect.flip(
        iceberg({
          path: "",
          catalog: { uri: "" },
          storage: { endpoint: "" },
          namespace: "a b",
          catalogName: "",
          memoryLimit: 0,
        }).decode,
      )
      const written = yield* Effect.flip(
        // What a configuration that is not checked by a compiler may say.
        iceberg({ catalog: { uri: "u", clientId: "c", clientSecret: "in clear" as never } }).decode,
      )
      assert.include(written.issues[0]?.message, "must not be written down")
      assert.notInclude(JSON.stringify(written), "in clear")
      const options = refused.issues.map((issue) => issue.path.split(".")[0]).toSorted()
      assert.deepStrictEqual(options, ["catalog", "catalogName", "memoryLimit", "namespace", "path", "storage"])
      for (const option of options) assert.include(readme, `\n| \`${option}\` | `)
    }),
  )
})
