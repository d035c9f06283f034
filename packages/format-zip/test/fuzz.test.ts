import { assert, describe, it } from "@effect/vitest"
import { fuzzContainer } from "@opendatahub-sql/core/testing"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { gzip, zip } from "../src/index.ts"
import { suitePath } from "./expanding.ts"
import { writeZip } from "./zip-writer.ts"

const long = process.env["ODH_LONG"] === "1"
const suite = ["success", "failure"].flatMap((folder) =>
  readdirSync(suitePath(folder)).map((name) => readFileSync(join(suitePath(folder), name))),
)
const text = "code;nom\n01001;A\n".repeat(50)

describe("any bytes whatever are members within the root and the caps, or a typed error", () => {
  const caps = { maxBytes: 5_000_000 }
  const cases = [
    {
      what: "zip",
      container: zip(caps),
      name: "file.zip",
      corpus: [
        ...suite.filter(({ length }) => length < 20_000),
        writeZip([
          { name: "données.csv", flags: 0x800, content: text },
          { name: "b/c.csv", content: text, method: 0 },
          { name: "c.zip", content: writeZip([{ name: "d.csv", content: text }]) },
        ]),
      ],
      words: ["PK\x01\x02", "PK\x03\x04", "PK\x05\x06", "PK\x06\x06", "PK\x06\x07", "PK\x07\x08", "../", "C:\\", "/"],
      most: Infinity,
    },
    {
      what: "gzip",
      container: gzip(caps),
      name: "file.csv.gz",
      corpus: [gzipSync(text), Buffer.concat([gzipSync("a;b\n"), gzipSync("1;2\n")]), gzipSync(Buffer.alloc(100_000))],
      words: [Buffer.of(0x1f, 0x8b, 8, 0), Buffer.of(0x1f, 0x8b, 8, 0x1f)],
      most: Infinity,
    },
  ]
  for (const { what, ...options } of cases) {
    it(what, async () => {
      const tally = await fuzzContainer({ ...options, mostUnpacked: caps.maxBytes, runs: long ? 10_000 : 300 })
      console.log(`${what}:`, tally)
      assert.isAbove(tally["opened"] ?? 0, 5)
    })
  }
})
