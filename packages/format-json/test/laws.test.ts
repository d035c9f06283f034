import { it } from "@effect/vitest"
import { formatLaws, registerLaws } from "@opendatahub-sql/core/testing"
import { gunzipSync } from "node:zlib"
import { json } from "../src/index.ts"
import { corpus } from "./reading.ts"

const postal = gunzipSync(corpus("codes-postaux-json-array/codes-postaux.json.gz"))
const wrong: unknown = { records: "", nesting: -1 }

registerLaws(
  it,
  formatLaws({
    format: json(),
    samples: [
      {
        name: "codes-postaux.json",
        bytes: postal,
        rows: { main: JSON.parse(postal.toString()) as ReadonlyArray<Record<string, unknown>> },
      },
      {
        name: "marches_avec_modifications.json",
        bytes: corpus("decp-marches-json-xml/marches_avec_modifications.json"),
      },
      { name: "metropole.json", bytes: corpus("jours-feries/metropole.json") },
      { name: "tabular_api_data.json", bytes: corpus("api-client-fixtures/tabular_api_data.json") },
      {
        name: "lines.ndjson",
        bytes: '{"a":1,"l":[1,2]}\n{"a":"é"}\n',
        rows: { main: [{ a: "1" }, { a: "é" }], main__l: [{ value: "1" }, { value: "2" }] },
      },
    ],
    large: (rows) => `[${Array.from({ length: rows }, (_, n) => `{"id":${n},"nom":"commune ${n}"}`).join(",")}]`,
    named: (names) => `[{${names.map((name) => `${JSON.stringify(name)}:"x"`).join(",")}}]`,
    misconfigured: json(wrong as { readonly records: string }),
    damaged: [
      { name: "cut.json", bytes: postal.subarray(0, 1_000_000) },
      { name: "not-a-number.json", bytes: '[{"a":1},{"a":NaN}]' },
      { name: "cut.ndjson", bytes: '{"a":1}\n{"a":2' },
      { name: "comma.json", bytes: '[{"a":1},]' },
    ],
  }),
)
