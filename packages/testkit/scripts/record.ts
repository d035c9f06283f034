/**
 * Writes data/recorded.json and data/schemas.json from the recorded answers in fixtures/corpus.
 * Members, discussions, reuses and posts are left out: they name people and no test needs them.
 */
import { readFileSync, writeFileSync } from "node:fs"

const corpus = new URL("../../../fixtures/corpus/", import.meta.url)
const data = new URL("../data/", import.meta.url)

const read = (path: string) => JSON.parse(readFileSync(new URL(path, corpus), "utf8"))
const without = (object: Record<string, unknown>, ...keys: ReadonlyArray<string>) =>
  Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)))

const catalogueDataset = read("api-client-fixtures/dataset_metadata.json")
const recorded = [
  {
    organization: without(read("api-client-fixtures/organization_metadata.json"), "members"),
    dataset: without(catalogueDataset, "resources", "organization"),
    resources: catalogueDataset.resources,
  },
  ...read("api-datasets-fixtures/results.json").datasets.map(
    (entry: { organization: Record<string, unknown>; dataset: unknown; resources: unknown }) => ({
      organization: without(entry.organization, "members"),
      dataset: entry.dataset,
      resources: entry.resources,
    }),
  ),
]

const write = (name: string, value: unknown) =>
  writeFileSync(new URL(name, data), JSON.stringify(value, null, 1) + "\n")
write("recorded.json", recorded)
write("schemas.json", read("api-schema-catalogue/schemas.json").schemas)
