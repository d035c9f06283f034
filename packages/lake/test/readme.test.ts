import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { execFileSync } from "node:child_process"
import { readFileSync, rmSync, writeFileSync } from "node:fs"
import { keepText, temporaryFolder, withLake } from "./lake-in-a-folder.ts"

describe("the README", () => {
  it.effect("shows an example that runs", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      yield* withLake(`${folder}/data/lake`, (lake) => keepText(lake, "A"))
      const [, code = ""] =
        /```ts\n(.*?)```/s.exec(readFileSync(new URL("../README.md", import.meta.url), "utf8")) ?? []
      // Beside the tests, so that it finds the packages.
      const file = new URL(`./readme-example-${process.pid}.ts`, import.meta.url).pathname
      yield* Effect.acquireRelease(
        Effect.sync(() => writeFileSync(file, code)),
        () => Effect.sync(() => rmSync(file)),
      )
      const output = execFileSync(process.execPath, ["--conditions=@opendatahub-sql/source", file], {
        cwd: folder,
        encoding: "utf8",
      })
      assert.include(output, "lieux-2023.csv")
      assert.isTrue(output.endsWith("[]\n"))
    }),
  )
})
