import { describe, it } from "@effect/vitest"
import { fuzzContainer } from "@opendatahub-sql/core/testing"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { gzipSync, zstdCompressSync } from "node:zlib"
import { bzip2, gzip, tar, zip, zstd } from "../src/index.ts"
import { suitePath } from "./expanding.ts"
import { pax, writeTar } from "./tar-writer.ts"
import { writeZip } from "./zip-writer.ts"

const long = process.env["ODH_LONG"] === "1"
/** Milliseconds: far more than the machine that is slowest, and hours for the long lane. */
const TIMEOUT = long ? 3 * 3_600_000 : 300_000
const suite = ["success", "failure"].flatMap((folder) =>
  readdirSync(suitePath(folder)).map((name) => readFileSync(join(suitePath(folder), name))),
)
const collection = (folder: string): ReadonlyArray<Buffer> => {
  const path = fileURLToPath(new URL(`./fixtures/go/${folder}/`, import.meta.url))
  return readdirSync(path).map((name) => readFileSync(join(path, name)))
}
const tars = collection("tar").filter(({ length }) => length < 6_000)
const bzips = collection("bzip2").filter(({ length }) => length < 2_000)
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
    {
      what: "tar",
      container: tar(),
      name: "file.tar",
      corpus: [
        writeTar([
          { name: "a.csv", content: text },
          { name: "b/c.csv", content: "x" },
        ]),
        writeTar([
          pax({ path: "données.csv", size: "8" }),
          { name: "x", content: "12345678" },
          { name: "l", type: "2" },
        ]),
        ...tars,
      ],
      words: ["ustar\u000000", "ustar  \u0000", "../", "00000000010", "12 path=abc\n", Buffer.of(0x80, 0, 0, 1)],
      most: Infinity,
    },
    {
      what: "bzip2",
      container: bzip2(caps),
      name: "file.csv.bz2",
      corpus: bzips,
      words: ["BZh1", Buffer.of(0x31, 0x41, 0x59, 0x26, 0x53, 0x59), Buffer.of(0x17, 0x72, 0x45, 0x38, 0x50, 0x90)],
      most: Infinity,
    },
    {
      what: "zstd",
      container: zstd(caps),
      name: "file.csv.zst",
      corpus: [zstdCompressSync(text), Buffer.concat([zstdCompressSync("a;b\n"), zstdCompressSync("1;2\n")])],
      words: [Buffer.of(0x28, 0xb5, 0x2f, 0xfd), Buffer.of(0x50, 0x2a, 0x4d, 0x18)],
      most: Infinity,
    },
  ]
  for (const { what, ...options } of cases) {
    it(
      `${what} files`,
      async () => {
        const tally = await fuzzContainer({
          ...options,
          mostUnpacked: caps.maxBytes,
          expects: { opened: 1 },
          runs: long ? 10_000 : 300,
        })
        console.log(`${what}:`, tally)
      },
      TIMEOUT,
    )
  }
})
