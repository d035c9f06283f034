import { describe, it } from "@effect/vitest"
import { fuzzFormat } from "@opendatahub-sql/core/testing"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { json } from "../src/index.ts"
import { corpus } from "./reading.ts"

const long = process.env["ODH_LONG"] === "1"
/** Milliseconds: far more than the machine that is slowest, and hours for the long lane. */
const TIMEOUT = long ? 3 * 3_600_000 : 300_000
const suite = fileURLToPath(new URL("./fixtures/JSONTestSuite/test_parsing/", import.meta.url))

describe("any bytes whatever", () => {
  it(
    "are rows and rejects, all records told, or a typed error",
    async () => {
      const tally = await fuzzFormat({
        format: json(),
        name: "file.json",
        corpus: [
          ...readdirSync(suite)
            .filter((name) => /^[yi]_|^n_.*(comma|quote|nan|incomplete)/i.test(name))
            .map((name) => readFileSync(join(suite, name))),
          corpus("jours-feries/metropole.json").subarray(0, 2_000),
          corpus("api-client-fixtures/tabular_api_data.json").subarray(0, 6_000),
          corpus("decp-marches-json-xml/marches_avec_modifications.json").subarray(0, 9_000),
          ...[
            '{"a":1,"l":[1,2]}\n{"a":"é"}\n',
            '[{"a":{"b":[{"c":[1]}]}},{"a":null}]',
            '{"meta":{"n":2},"data":{"rows":[{"x":"\\ud83d\\ude00"},{"x":1e5,"y":[]}]}}',
          ].map((text) => Buffer.from(text)),
        ],
        words: [
          "[",
          "]",
          "{",
          "}",
          "[{",
          "}]",
          '":',
          '{"a":',
          ",",
          "null",
          "true",
          "\\u",
          "\\ud800",
          "1E",
          "-0",
          "NaN",
          "\n",
        ],
        runs: long ? 20_000 : 500,
        expects: { read: 5 },
      })
      console.log("json:", tally)
    },
    TIMEOUT,
  )
})
