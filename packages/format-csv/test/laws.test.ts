import { it } from "@effect/vitest"
import { formatLaws, registerLaws } from "@opendatahub-sql/core/testing"
import { layer } from "@opendatahub-sql/engine-duckdb"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { csv } from "../src/index.ts"
import { corpus, golden } from "./reading.ts"

const wrong: unknown = { delimiter: "", header: "yes" }
const comsimp = golden("insee-comsimp2014-zip-cp1252-tab/comsimp2014.txt")

registerLaws(
  it,
  formatLaws({
    format: csv(),
    engine: layer({ workFolder: join(tmpdir(), "odh-format-csv-laws") }),
    samples: [
      {
        name: "rfc.csv",
        bytes: 'a,b\r\n1,"x, ""y""\r\nz"\r\n2,\r\n',
        rows: {
          main: [
            { a: "1", b: 'x, "y"\r\nz' },
            { a: "2", b: null },
          ],
        },
      },
      { name: "ragged.csv", bytes: "a;b;c\n1;2;3\n4;5\n6;7;8;9\n10;11;12\n13;14;15;;\n" },
      { name: "broken.csv", bytes: 'a;b;c\r\n1;"2;3\n4;"say "hi"";6\r"7;""8"";9"\r\n10;11;12\n' },
      { name: "titles.csv", bytes: "\ufeffTitre\n\ncode;nom;pop\n01001;A;10\n01002;B;20\n01003;C\n" },
      { name: "csv_latin1.csv", bytes: corpus("covoiturage-aires-latin1/csv_latin1.csv") },
      { name: "comsimp2014.txt", bytes: corpus(comsimp.file, comsimp.member) },
      { name: "lieux-2019.csv", bytes: corpus("baac-lieux-2019/lieux-2019.csv") },
      { name: "liste-des-gares.upper.csv", bytes: corpus("sncf-gares-2019-2021/liste-des-gares.upper.csv") },
      { name: "donnee-dep.csv", bytes: corpus(golden("ssmsi-delinquance-csv-gz/donnee-dep").file) },
    ],
    large: (rows) =>
      `id;nom;date\n${Array.from({ length: rows }, (_, n) => `${n};commune ${n};2024-01-01\n`).join("")}`,
    named: (names) =>
      `${names.map((name) => `"${name.replaceAll('"', '""')}"`).join(";")}\n${names.map(() => "x").join(";")}\n`,
    misconfigured: csv(wrong as { readonly delimiter: string }),
    damaged: [
      { name: "cut.csv", bytes: "a;b;c\n1;2;3\n4;5;6\n7;8" },
      { name: "empty.csv", bytes: "" },
      { name: "ragged.csv", bytes: "a;b;c\n1;2;3\n4;5;6;7\n8;9;10\n" },
    ],
  }),
)
