import { describe, it } from "@effect/vitest"
import { fuzzFormat } from "@opendatahub-sql/core/testing"
import { layer } from "@opendatahub-sql/engine-duckdb"
import { readdirSync, readFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { csv } from "../src/index.ts"
import { corpus, golden } from "./reading.ts"

const long = process.env["ODH_LONG"] === "1"
/** Milliseconds: far more than the machine that is slowest, and hours for the long lane. */
const TIMEOUT = long ? 3 * 3_600_000 : 300_000
const suites = new URL("./suites/", import.meta.url)
const suiteFiles = ["csv-spectrum/csvs/", "csv-frictionless/files/"].flatMap((folder) =>
  readdirSync(new URL(folder, suites))
    .filter((name) => /\.(csv|tsv)$/.test(name))
    .map((name) => readFileSync(new URL(folder + name, suites))),
)
const comsimp = golden("insee-comsimp2014-zip-cp1252-tab/comsimp2014.txt")

/** The beginnings of real files, the files of public suites, and a few that stand for a defect each. */
const sound = [
  ...[
    corpus(comsimp.file, comsimp.member),
    corpus("covoiturage-aires-latin1/csv_latin1.csv"),
    corpus("baac-lieux-2019/lieux-2019.csv"),
    corpus("sncf-gares-2019-2021/liste-des-gares.upper.csv"),
    corpus("schema-irve-with-example/exemple-valide-statique.csv"),
    corpus("history-covid-hospit/2020-06-29.csv.gz"),
  ].map((bytes) => bytes.subarray(0, 3_000)),
  ...suiteFiles,
  ...[
    "\ufeffTitre\n\ncode;nom;pop\n01001;A;10\n01002;B;20\n01003;C\n",
    'a;b;c\r\n1;"2;3\n4;"say "hi"";6\r"7;""8"";9"\r\n10;11;12\n',
    "a b c\n1 2 3\n4 5 6\n",
    "a|'b'|c\n1|'2|3'|4\n",
    "valeur\n1,5\n2\n\n3\n",
    "nom, âge, ville\nZoé, 12, Lyon\nLoïc, 13, Brest\n",
  ].map((text) => Buffer.from(text)),
]

describe("any bytes whatever", () => {
  it(
    "are rows and rejects, all records told, or a typed error; both ways of reading agree",
    async () => {
      const tally = await fuzzFormat({
        format: csv(),
        name: "file.csv",
        corpus: sound,
        words: ['""', ";;", '";"', '"\n', "\n\n", "#", "0,5", "2024-01-05", "total;", " ;", "\\n"],
        runs: long ? 100_000 : 2_000,
        expects: { read: 100 },
        engine: { layer: layer({ workFolder: join(tmpdir(), "odh-format-csv-fuzz") }), oneIn: long ? 100 : 25 },
      })
      console.log("csv:", tally)
    },
    TIMEOUT,
  )
})
