import { containerLaws } from "@opendatahub-sql/core/testing"
import { createHash } from "node:crypto"
import { assert, describe, it } from "vitest"
import { conformanceOf } from "../src/conformance.ts"
import { runLaws } from "../src/conformance/run-laws.ts"
import { brokenContainers, soundContainer } from "./zoo/broken-containers.ts"
import { brokenFormats } from "./zoo/broken-formats.ts"
import { tabs } from "./zoo/tabs.ts"

const sha256 = (content: string): string => createHash("sha256").update(content).digest("hex")

const text = "code\tnom\tété\n01001\tL'Abergement\t1\n2A004\tAjaccio\t2\n69123\tLyon été\t2\n97411\tSaint-Denis\t3\n"
const names = ["code", "nom", "été"]
/** Of 30,000 rows the memory that a reading keeps cannot be told: a law skipped, and a second saved. */
const hintsFor = (large: boolean) => ({
  samples: [
    {
      name: "communes.tsv",
      bytes: text,
      rows: {
        main: text
          .trim()
          .split("\n")
          .slice(1)
          .map((line) => Object.fromEntries(line.split("\t").map((cell, column) => [names[column], cell]))),
      },
    },
  ],
  large: (asked: number) => {
    const rows = large ? asked : Math.min(asked, 30_000)
    return `id\tnom\tdate\n${Array.from({ length: rows }, (_, n) => `${n}\tcommune ${n}\t2024-01-01\n`).join("")}`
  },
  named: (columns: ReadonlyArray<string>) => `${columns.join("\t")}\n${columns.map(() => "x").join("\t")}\n`,
  damaged: [{ name: "surplus.tsv", bytes: "a\tb\tc\n1\t2\t3\n4\t5\t6\t7\n" }],
  secret: { text: "hunter2", options: { password: "hunter2" } },
})

const reportOf = async (format: ReturnType<typeof tabs>, fuzzed: number, large = false) => {
  const { plugins } = await conformanceOf({ module: { format, conformance: hintsFor(large) }, fuzzed })
  const [plugin] = plugins
  if (plugin === undefined) throw new Error("the plugin was not found")
  return plugin
}

describe("the kit", { timeout: 300_000 }, () => {
  it("finds nothing wrong with a sound format, and skips only what it has not", async () => {
    const { laws, score } = await reportOf(tabs(), 200, true)
    assert.deepStrictEqual(
      laws
        .filter(({ status }) => status !== "held")
        .map(({ law, status, subjects }) => [law, status, subjects[0]?.detail]),
      [["both ways of reading agree", "skipped", "the format has only `read`"]],
    )
    assert.deepStrictEqual(score, { held: laws.length - 1, failed: 0, skipped: 1 })
  })

  for (const { fault, format, fuzzed = 0, large, law } of brokenFormats) {
    it(`names what is wrong with a format that ${fault}`, async () => {
      const report = await reportOf(format, fuzzed, large)
      const failed = report.laws.filter(({ status }) => status === "failed")
      assert.deepStrictEqual(
        failed.map((one) => one.law),
        [law],
        JSON.stringify(failed),
      )
    })
  }

  const archive = {
    name: "two.box",
    bytes: Buffer.from(JSON.stringify({ "a.csv": "code;nom\n01001;A\n", "b.csv": "x\n" })),
  }
  const lawsOf = async (container: typeof soundContainer, fuzzed: number) => {
    const laws = containerLaws({
      container: container(),
      samples: [{ ...archive, members: { "a.csv": sha256("code;nom\n01001;A\n"), "b.csv": sha256("x\n") } }],
      damaged: [{ name: "colon.box", bytes: Buffer.from('{"a" "b"}') }],
      misconfigured: container({ colour: "red", size: 2 }),
      fuzzed,
    })
    return runLaws(laws, () => undefined)
  }

  it("finds nothing wrong with a sound container", async () => {
    assert.deepStrictEqual(
      (await lawsOf(soundContainer, 150)).filter(({ status }) => status !== "held"),
      [],
    )
  })

  for (const { container, fault, fuzzed = 0, law } of brokenContainers) {
    it(`names what is wrong with a container that ${fault}`, async () => {
      const failed = (await lawsOf(container, fuzzed)).filter(({ status }) => status === "failed")
      assert.deepStrictEqual(
        failed.map((one) => one.law),
        [law],
        JSON.stringify(failed),
      )
    })
  }
})
