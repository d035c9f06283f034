import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { readFileSync } from "node:fs"
import { writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { commands } from "../src/cli/commands.ts"
import { commandHelp } from "../src/cli/help.ts"
import { odh } from "./support/command.ts"
import { temporaryFolder } from "./support/place.ts"

const run = (...args: ReadonlyArray<string>) => odh(args, { cwd: tmpdir() })

describe("help", () => {
  it.effect("lists every command, every exit code, and is what odh says without a command", () =>
    Effect.gen(function* () {
      const { code, out, err } = yield* run("--help")
      assert.deepStrictEqual([code, err], [0, ""])
      for (const { name, summary } of commands)
        assert.match(out, new RegExp(`^  ${name} .*${summary.replaceAll(/[.?()]/g, ".")}$`, "m"))
      for (const exit of ["0 ", "99", "65", "75", "78", "64", "130", "70"]) assert.include(out, exit)
      assert.strictEqual((yield* run()).out, out)
      assert.match((yield* run("--version")).out, /^\d+\.\d+\.\d+\n$/)
    }),
  )

  it("of every command shows its use, options and examples", () => {
    for (const command of commands) {
      const text = commandHelp(command)
      for (const words of [`odh ${command.name}`, command.summary, ...command.examples]) assert.include(text, words)
      for (const option of [...Object.keys(command.options), "config", "lake", "json", "quiet"])
        assert.include(text, `--${option}`)
    }
  })

  it.effect("is asked for before or after the command", () =>
    Effect.gen(function* () {
      const text = commandHelp(commands.find(({ name }) => name === "lake verify") ?? assert.fail("no such command"))
      const asked = yield* run("lake", "verify", "--help")
      assert.deepStrictEqual([asked.code, asked.out], [0, text])
      assert.strictEqual((yield* run("help", "lake", "verify")).out, text)
    }),
  )
})

describe("odh init", () => {
  it.effect("writes a configuration once, that the command reads", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const first = yield* odh(["init", "hub"], { cwd: folder })
      assert.strictEqual(first.code, 0, first.err)
      assert.match(first.out, /odh plan.*odh sync/)
      const again = yield* odh(["init", "hub"], { cwd: folder })
      assert.deepStrictEqual([again.code, again.err.includes("left as it is")], [64, true])
      const text = readFileSync(join(folder, "hub/odh.config.ts"), "utf8").replace(
        '"opendatahub-sql"',
        JSON.stringify(new URL("../src/index.ts", import.meta.url).pathname),
      )
      yield* Effect.promise(() => writeFile(join(folder, "hub/odh.config.ts"), text))
      const status = yield* odh(["status"], { cwd: join(folder, "hub") })
      assert.deepStrictEqual([status.code, status.err.includes("run `odh sync` first")], [78, true], status.err)
    }),
  )
})
