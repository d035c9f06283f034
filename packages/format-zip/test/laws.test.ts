import { it } from "@effect/vitest"
import { containerLaws, registerLaws } from "@opendatahub-sql/core/testing"
import { readFileSync } from "node:fs"
import { basename } from "node:path"
import { gzipSync } from "node:zlib"
import { gzip, zip } from "../src/index.ts"
import { corpusPath, expectedOf, sha256Of } from "./expanding.ts"

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
