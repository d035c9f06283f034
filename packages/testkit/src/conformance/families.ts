/** The kit's own files: by family of formats, for every plugin that recognises one of them. */
import type { Format } from "@opendatahub-sql/core"
import { type FormatLawOptions, memoryFile } from "@opendatahub-sql/core/testing"
import { fileURLToPath } from "node:url"
import { conformanceData } from "../conformance-data.ts"
import { exampleFiles, type ExampleFiles } from "./example-files.ts"

/** Archives are a container's to open, and nothing else is: a workbook is a zip, too. */
const ARCHIVES = new Set(["gzip", "zip"])

/** Files of one kind, and how to write more of them. */
export interface Family extends ExampleFiles, Pick<FormatLawOptions, "large" | "named"> {
  readonly name: string
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`
const records = (count: number): ReadonlyArray<{ readonly id: number; readonly nom: string }> =>
  Array.from({ length: count }, (_, n) => ({ id: n, nom: `commune ${n}` }))
const named = (names: ReadonlyArray<string>): string =>
  `{${names.map((name) => `${JSON.stringify(name)}:"x"`).join(",")}}`
const feature = (properties: string, x = 2): string =>
  `{"type":"Feature","geometry":{"type":"Point","coordinates":[${x},48]},"properties":${properties}}`
const collection = (features: ReadonlyArray<string>): string =>
  `{"type":"FeatureCollection","features":[${features.join(",")}]}`

const writers: Readonly<
  Record<string, Pick<Family, "large" | "named"> & { readonly broken?: Readonly<Record<string, string>> }>
> = {
  csv: {
    large: (rows) =>
      `id;nom;date\n${records(rows)
        .map(({ id, nom }) => `${id};${nom};2024-01-01\n`)
        .join("")}`,
    named: (names) => `${names.map(quoted).join(";")}\n${names.map(() => "x").join(";")}\n`,
    broken: { "ragged.csv": "a;b;c\n1;2;3\n4;5;6;7\n8;9;10\n" },
  },
  json: {
    large: (rows) => JSON.stringify(records(rows)),
    named: (names) => `[${named(names)}]`,
    broken: { "comma.json": '[{"a":1},]', "not-a-number.json": '[{"a":1},{"a":NaN}]', "cut.json": '[{"a":1},{"a":2' },
  },
  ndjson: {
    large: (rows) =>
      records(rows)
        .map((record) => `${JSON.stringify(record)}\n`)
        .join(""),
    named: (names) => `${named(names)}\n`,
    broken: { "cut.ndjson": '{"a":1}\n{"a":2' },
  },
  geojson: {
    large: (rows) => collection(records(rows).map((record) => feature(JSON.stringify(record), record.id / 1e6))),
    broken: { "cut.geojson": collection([feature("{}"), feature("{}")]).slice(0, -60) },
  },
  xml: {
    large: (rows) =>
      `<communes>${records(rows)
        .map(({ id, nom }) => `<commune id="${id}"><nom>${nom}</nom></commune>`)
        .join("\n")}</communes>`,
    broken: { "crossed.xml": "<a><b></a></b>", "cut.xml": "<a><b>1</b><b>2" },
  },
  workbook: {},
  zip: {},
  gzip: {},
}

const folder = fileURLToPath(conformanceData)

/** Every family, with its files. */
const families = (): ReadonlyArray<Family> =>
  Object.entries(writers).map(([name, { broken = {}, ...write }]) => {
    const { damaged, sound } = exampleFiles(`${folder}${name}`)
    const made = Object.entries(broken).map(([file, text]) => ({ name: file, bytes: Buffer.from(text) }))
    return { name, sound, damaged: [...damaged, ...made], ...write }
  })

/** How sure a plugin is of a family's file, without a hint from a catalogue. */
const confidenceIn = (detects: Format["detects"], { sound }: Family): number =>
  Math.max(
    0,
    ...sound.map(({ bytes, name }) => {
      const { size } = memoryFile(name, bytes)
      const head = Buffer.from(bytes).subarray(0, 65_536)
      return detects({
        name,
        mediaType: undefined,
        declared: undefined,
        size,
        head,
        tail: new Uint8Array(0),
        members: undefined,
        siblings: [],
      })
    }),
  )

/** Confidence from which a file is a plugin's own: by name, or better. */
const OWN = 0.5

/** The families that a plugin of a kind recognises, the surest first. */
export const familiesOf = (kind: "format" | "container", detects: Format["detects"]): ReadonlyArray<Family> =>
  families()
    .filter(({ name }) => ARCHIVES.has(name) === (kind === "container"))
    .map((family) => ({ family, confidence: confidenceIn(detects, family) }))
    .filter(({ confidence }) => confidence >= OWN)
    .toSorted((a, b) => b.confidence - a.confidence)
    .map(({ family }) => family)
