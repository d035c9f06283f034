import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { execFile } from "node:child_process"
import { readFileSync } from "node:fs"
import { promisify } from "node:util"
import { temporaryFolder } from "./support/downloading.ts"
import { bytesOf, fileHandler, serve, sha256 } from "./support/hostile-server.ts"

describe("the README", () => {
  it.effect("shows a program that runs", () =>
    Effect.gen(function* () {
      const content = bytesOf(1000)
      const server = yield* serve(fileHandler(content, () => ({})))
      const folder = yield* temporaryFolder
      const [, example = ""] =
        /```ts\n([^]*?)```/.exec(readFileSync(new URL("../README.md", import.meta.url), "utf8")) ?? []
      const program = example
        .replace(/"https:[^"]*"/, JSON.stringify(server.url))
        .replace('"./work"', JSON.stringify(folder))
        .replace("layer({", 'layer({ allowPrivate: ["127.0.0.1"],')
      const options = ["--conditions", "@opendatahub-sql/source", "--input-type=module-typescript", "--eval", program]
      const { stdout } = yield* Effect.promise(() =>
        promisify(execFile)(process.execPath, options, { cwd: import.meta.dirname }),
      )
      assert.include(stdout, sha256(content))
    }),
  )
})
