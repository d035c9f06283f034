import { readData } from "../../datagouv-data.ts"
import type { Dataset, Organization, Publication, Resource } from "./dataset.ts"
import { textOf } from "./json.ts"
import type { Json, JsonObject } from "./json.ts"

interface Recorded {
  readonly organization: JsonObject
  readonly dataset: JsonObject
  readonly resources: ReadonlyArray<JsonObject>
}

const text = (value: Json | undefined): string => textOf(value) ?? ""

const organizationOf = (fields: JsonObject): Organization => ({
  id: text(fields["id"]),
  slug: text(fields["slug"]),
  name: text(fields["name"]),
  fields,
})

/** The portal's own files keep their path; other hosts are moved under `/remote`, so that no answer leads to the internet. */
const pathOf = (url: string): string =>
  url.startsWith("https://static.data.gouv.fr/resources/")
    ? new URL(url).pathname
    : url.replace(/^[a-z]+:\/\//, "/remote/")

const resourceOf = ({ checksum = null, filesize = null, ...fields }: JsonObject): Resource => {
  const path = pathOf(text(fields["url"]))
  const publication: Publication = {
    at: text(fields["last_modified"]),
    title: text(fields["title"]),
    name: path.slice(path.lastIndexOf("/") + 1),
    content: undefined,
    path,
    checksum,
    filesize: typeof filesize === "number" ? filesize : null,
  }
  return {
    id: text(fields["id"]),
    filetype: fields["filetype"] === "remote" ? "remote" : "file",
    fields,
    publications: [publication],
  }
}

/** 16 datasets as the API of data.gouv.fr gave them, without their files. */
export const recordedDatasets = (): ReadonlyArray<Dataset> =>
  (readData("recorded.json") as ReadonlyArray<Recorded>).map((entry) => ({
    id: text(entry.dataset["id"]),
    slug: text(entry.dataset["slug"]),
    title: text(entry.dataset["title"]),
    organization: organizationOf(entry.organization),
    fields: entry.dataset,
    resources: entry.resources.map(resourceOf),
  }))

/** The answer of `/api/1/datasets/schemas/`. */
export const recordedSchemas = (): Json => readData("schemas.json") as Json
