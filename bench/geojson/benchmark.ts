/** `odh convert` of GeoJSON to GeoParquet against DuckDB told the schema, which leaves the geometry as text; and ten times as much of it. */
import { rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { interleave, ratioOf } from "../measure/pairs.ts"
import { measure } from "../measure/usage.ts"
import { megabytes, orFailure, type Outcome, type Setting } from "../outcome.ts"
import { check, checkReference } from "./check.ts"
import { generate, type Oracle } from "./generate.ts"

const benchmark = "geojson"
/** CPU of the median of the pairs; MB, of 10^6 bytes. */
const limits = { checked: 1, unchecked: 0.5, peak: 500 }

const unchecked = `import { defineConfig, geojson } from "opendatahub-sql"

export default defineConfig({ formats: [geojson({ validate: false })] })
`

const compare = async (
  subject: string,
  limit: number,
  options: ReadonlyArray<string>,
  file: string,
  oracle: Oracle,
  { folder, odh, pairs: count, note }: Setting,
): Promise<Outcome> => {
  const out = join(folder, "ours.parquet")
  const referenceOut = join(folder, "reference.parquet")
  note(`geojson, ${subject}: ${count} pairs over ${oracle.features} features`)
  const pairs = await interleave(
    count,
    () => measure([...odh, "convert", file, "--to", out, ...options], folder),
    () => measure([process.execPath, join(import.meta.dirname, "reference.ts"), file, referenceOut]),
  )
  return {
    benchmark,
    subject,
    pairs,
    runs: [],
    promises: [
      { what: "CPU", value: ratioOf(pairs, ({ cpu }) => cpu), limit, unit: "x" },
      {
        what: "peak memory",
        value: megabytes(Math.max(...pairs.map(({ ours }) => ours.peak))),
        limit: limits.peak,
        unit: "MB",
      },
    ],
    problems: [...(await check(out, oracle)), ...(await checkReference(referenceOut, oracle))],
  }
}

const large = async ({ folder, odh, jsonBytes, note }: Setting): Promise<Outcome> => {
  const file = join(folder, "large.geojson")
  const out = join(folder, "large.parquet")
  note(`geojson: writing ${megabytes(jsonBytes * 10).toFixed(0)} MB`)
  const oracle = generate(file, jsonBytes * 10, 5)
  const usage = await measure([...odh, "convert", file, "--to", out], folder)
  await rm(file)
  return {
    benchmark,
    subject: "ten times as large",
    pairs: [],
    runs: [usage],
    promises: [{ what: "peak memory", value: megabytes(usage.peak), limit: limits.peak, unit: "MB" }],
    problems: await check(out, oracle),
  }
}

/** With RFC 7946 checked and without, and memory that does not grow with the file. */
export const geojson = async (setting: Setting): Promise<ReadonlyArray<Outcome>> => {
  const file = join(setting.folder, "parcelles.geojson")
  const config = join(setting.folder, "unchecked.config.ts")
  await writeFile(config, unchecked)
  setting.note(`geojson: writing ${megabytes(setting.jsonBytes).toFixed(0)} MB`)
  const oracle = generate(file, setting.jsonBytes, 3)
  return [
    await orFailure(benchmark, "checked", compare("checked", limits.checked, [], file, oracle, setting)),
    await orFailure(
      benchmark,
      "unchecked",
      compare("unchecked", limits.unchecked, ["--config", config], file, oracle, setting),
    ),
    await orFailure(benchmark, "ten times as large", large(setting)),
  ]
}
