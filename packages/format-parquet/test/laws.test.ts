import { it } from "@effect/vitest"
import { distinctOnceFolded, formatLaws, hostileNames, registerLaws } from "@opendatahub-sql/core/testing"
import { layer } from "@opendatahub-sql/engine-duckdb"
import { readFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parquet } from "../src/index.ts"
import { EVERY_TYPE, NESTED, written } from "./writing.ts"

const cog = readFileSync(
  new URL("../../../fixtures/corpus/cog-parquet/code_officiel_geographique.parquet", import.meta.url),
)
const hostile = (names: ReadonlyArray<string>): string =>
  `select ${names.map((name, i) => `${i} as "${name.replaceAll('"', '""')}"`).join(", ")}`
const rows = (count: number) =>
  written(`select i as id, 'commune ' || i as nom, i / 7.0 as x from range(${count}) t(i)`, ["row_group_size 20480"])

const [everyType, nested, compressed, twins, named, many, more] = await Promise.all([
  written(EVERY_TYPE),
  written(NESTED),
  Promise.all(
    ["snappy", "gzip", "zstd", "brotli", "uncompressed"].map((codec) =>
      written("select i, 'x' || (i % 100) as t from range(30000) t(i)", [`compression ${codec}`]),
    ),
  ),
  written("select 1 as a, 2 as b"),
  written(hostile(distinctOnceFolded(hostileNames))),
  rows(50_000),
  rows(200_000),
])
const wrong: unknown = { rows: 1, columns: 2 }

registerLaws(
  it,
  formatLaws({
    format: parquet(),
    engine: layer({ workFolder: join(tmpdir(), "odh-format-parquet-laws") }),
    samples: [
      { name: "code_officiel_geographique.parquet", bytes: cog },
      { name: "every-type.parquet", bytes: everyType },
      { name: "nested.parquet", bytes: nested },
      { name: "small.parquet", bytes: twins, rows: { main: [{ a: 1n, b: 2n }] } },
      ...compressed.map((bytes, i) => ({ name: `codec-${i}.parquet`, bytes })),
    ],
    large: (count) => (count === 50_000 ? many : more),
    foldsNames: true,
    named: () => named,
    misconfigured: parquet(wrong as {}),
    damaged: [
      { name: "cut", bytes: cog.subarray(0, 100_000) },
      { name: "without its footer", bytes: cog.subarray(0, cog.length - 8) },
      { name: "a few bytes", bytes: cog.subarray(0, 6) },
      {
        name: "a page overwritten",
        bytes: Buffer.concat([cog.subarray(0, 5_000), Buffer.alloc(60_000, 7), cog.subarray(65_000)]),
      },
      {
        name: "a footer too long",
        bytes: Buffer.from("PAR1\u0000\u0000\u0000\u0000\u00ff\u00ff\u00ff\u007fPAR1", "latin1"),
      },
    ],
  }),
)
