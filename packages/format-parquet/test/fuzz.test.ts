import { describe, it } from "@effect/vitest"
import { fuzzFormat } from "@opendatahub-sql/core/testing"
import { layer } from "@opendatahub-sql/engine-duckdb"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parquet } from "../src/index.ts"
import { EVERY_TYPE, NESTED, written } from "./writing.ts"

const long = process.env["ODH_LONG"] === "1"
/** Milliseconds: far more than the machine that is slowest, and hours for the long lane. */
const TIMEOUT = long ? 3 * 3_600_000 : 300_000

describe("any bytes whatever", () => {
  it(
    "are rows, or a typed error",
    async () => {
      const corpus = await Promise.all([
        written(EVERY_TYPE),
        written(NESTED, ["compression uncompressed"]),
        written("select i as id, 'x' || i as t from range(300) t(i)", ["compression gzip"]),
      ])
      const tally = await fuzzFormat({
        format: parquet(),
        name: "file.parquet",
        corpus,
        words: ["PAR1", Buffer.from("\x15\x04\x15\x10\x15\x14\x4c", "latin1")],
        most: Infinity,
        runs: long ? 10_000 : 300,
        expects: { refused: 5 },
        engine: { layer: layer({ workFolder: join(tmpdir(), "odh-format-parquet-fuzz") }), oneIn: 10 },
      })
      console.log("parquet:", tally)
    },
    TIMEOUT,
  )
})
