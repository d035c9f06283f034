import { it } from "@effect/vitest"
import { containerLaws, registerLaws } from "@opendatahub-sql/core/testing"
import { readFileSync } from "node:fs"
import { basename } from "node:path"
import { gzipSync, zstdCompressSync } from "node:zlib"
import { bzip2, gzip, tar, zip, zstd } from "../src/index.ts"
import collections from "./fixtures/golden/collections.json" with { type: "json" }
import { corpusPath, expectedOf, sha256Of } from "./expanding.ts"
import { writeTar } from "./tar-writer.ts"

/** A real archive, with what Python reads in it; `name` of the member of a gzip. */
const sampleOf = (path: string, name?: string) => ({
  name: basename(path),
  bytes: readFileSync(corpusPath(path)),
  members: Object.fromEntries(
    Object.entries(expectedOf(basename(path)))
      .filter(([member]) => !member.endsWith(".md5"))
      .map(([member, [, sha256]]) => [name ?? member, String(sha256)]),
  ),
})
const wrong: unknown = { maxDepth: 0, maxRatio: "high" }
const damaged = gzipSync("a;b\n1;2\n".repeat(100))
damaged.writeUInt8(damaged.readUInt8(damaged.length - 5) ^ 1, damaged.length - 5)

registerLaws(
  (name, run) => it(`zip: ${name}`, run),
  containerLaws({
    container: zip(),
    samples: [
      "gtfs-frioul-bom-md5/gtfs.zip",
      "insee-comsimp2014-zip-cp1252-tab/comsimp2014.zip",
      "prix-carburants-zip-xml-latin1/PrixCarburants_instantane.zip",
    ].map((path) => sampleOf(path)),
    damaged: [{ name: "zeros.zip", bytes: Buffer.concat([Buffer.from("PK\u0003\u0004"), Buffer.alloc(1_000)]) }],
    misconfigured: zip(wrong as { readonly maxDepth: number }),
  }),
)

registerLaws(
  (name, run) => it(`gzip: ${name}`, run),
  containerLaws({
    container: gzip(),
    samples: [
      sampleOf("history-covid-hospit/2020-06-29.csv.gz", "2020-06-29.csv"),
      {
        name: "two.csv.gz",
        bytes: Buffer.concat([gzipSync("a;b\n"), gzipSync("1;2\n")]),
        members: { "two.csv": sha256Of(Buffer.from("a;b\n1;2\n")) },
      },
    ],
    damaged: [{ name: "damaged.csv.gz", bytes: damaged }],
    misconfigured: gzip(wrong as { readonly maxDepth: number }),
  }),
)

const table = "code;nom\n01001;L'Abergement\n".repeat(2_000)
const hashOf = (text: string): string => sha256Of(Buffer.from(text))

registerLaws(
  (name, run) => it(`tar: ${name}`, run),
  containerLaws({
    container: tar(),
    samples: [
      {
        name: "two.tar",
        bytes: writeTar([
          { name: "a.csv", content: "a;b\n" },
          { name: "b/c.csv", content: table },
        ]),
        members: { "a.csv": hashOf("a;b\n"), "b/c.csv": hashOf(table) },
      },
    ],
    damaged: [{ name: "headless.tar", bytes: writeTar([{ name: "a.csv", content: table }]).subarray(0, 1_000) }],
    misconfigured: tar(wrong as { readonly maxDepth: number }),
  }),
)

const digits = readFileSync(new URL("./fixtures/go/bzip2/e.txt.bz2", import.meta.url))
const damagedText = Buffer.from(digits)
damagedText.writeUInt8(digits.readUInt8(20_000) ^ 1, 20_000)

registerLaws(
  (name, run) => it(`bzip2: ${name}`, run),
  containerLaws({
    container: bzip2(),
    samples: [
      { name: "e.txt.bz2", bytes: digits, members: { "e.txt": String(collections["go/bzip2/e.txt.bz2"]["e.txt"][1]) } },
    ],
    damaged: [{ name: "damaged.bz2", bytes: damagedText }],
    misconfigured: bzip2(wrong as { readonly maxDepth: number }),
  }),
)

registerLaws(
  (name, run) => it(`zstd: ${name}`, run),
  containerLaws({
    container: zstd(),
    samples: [{ name: "x.csv.zst", bytes: zstdCompressSync(table), members: { "x.csv": hashOf(table) } }],
    damaged: [{ name: "cut.zst", bytes: zstdCompressSync(table).subarray(0, 20) }],
    misconfigured: zstd(wrong as { readonly maxDepth: number }),
  }),
)
