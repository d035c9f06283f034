import { readFileSync } from "node:fs"
import { runInNewContext } from "node:vm"
import { assert, describe, it } from "@effect/vitest"
import { duckdb, type DuckdbOptions } from "@opendatahub-sql/sink-duckdb"
import * as Effect from "effect/Effect"

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8")

describe("the README", () => {
  it.effect("shows options that are accepted, and has a line for each of them", () =>
    Effect.gen(function* () {
      const [, code] = /duckdb\((\{[^}]*\})\)/.exec(readme) ?? []
      const shown = runInNewContext(`(${code ?? "undefined"})`) as DuckdbOptions
      assert.match((yield* duckdb(shown).decode).target, /^duckdb:\/.*data\/warehouse\.duckdb$/)
      const refused = yield* Effect.flip(
        duckdb({ path: "", lockTimeout: -1, publish: "", memoryLimit: 0, retention: "some" as "all" }).decode,
      )
      assert.deepStrictEqual(refused.issues.map((issue) => issue.path).toSorted(), [
        "lockTimeout",
        "memoryLimit",
        "path",
        "publish",
        "retention",
      ])
      for (const { path } of refused.issues) assert.include(readme, `\n| \`${path}\` | `)
    }),
  )
})
