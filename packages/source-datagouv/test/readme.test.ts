import { readFileSync } from "node:fs"
import { runInNewContext } from "node:vm"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { datagouv } from "../src/index.ts"
import { Options } from "../src/options.ts"

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8")

describe("the README", () => {
  it("has a line for every option", () => {
    for (const option of Object.keys(Options.fields)) assert.include(readme, `\n| \`${option}\` | `)
  })

  it.effect("shows options that are accepted", () =>
    Effect.gen(function* () {
      const [, code] = /datagouv\((\{[^]*?\n {2}\})\)/.exec(readme) ?? []
      const options = runInNewContext(`(${code ?? "undefined"})`) as Parameters<typeof datagouv>[0]
      assert.lengthOf(options?.datasets ?? [], 3)
      yield* datagouv(options).decode
    }),
  )
})
