/** From what the portal answers to the resource of the contract. */
import type { Dataset, JsonObject, Resource } from "@opendatahub-sql/core"
import { cleanUrl, withoutSecrets } from "./clean-url.ts"
import type { DatasetAnswer, ResourceAnswer } from "../portal/answers.ts"
import { SOURCE_ID } from "../failure.ts"
import { periodOf } from "../portal/frequency.ts"
import type { Candidate, Selected } from "../selection/rules.ts"

/** A dataset, decoded and as received. */
export interface KnownDataset {
  readonly answer: DatasetAnswer
  readonly received: JsonObject
}

const text = (value: string | null | undefined): string | undefined =>
  value === null || value === undefined || value.trim() === "" ? undefined : value.trim()

/** Leaves out the keys without a value. */
const present = <T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }

const bytes = (filesize: ResourceAnswer["filesize"]): number | undefined => {
  const size = Number(filesize ?? Number.NaN)
  return Number.isSafeInteger(size) && size > 0 ? size : undefined
}

const checksum = ({ checksum }: ResourceAnswer): Resource["checksum"] => {
  const [type, value] = [text(checksum?.type), text(checksum?.value)]
  return type === undefined || value === undefined ? undefined : { type, value }
}

const schema = ({ schema }: ResourceAnswer): Resource["schema"] => {
  const known = present({ name: text(schema?.name), version: text(schema?.version), url: text(schema?.url) })
  return Object.keys(known).length === 0 ? undefined : known
}

const toDataset = ({ answer }: KnownDataset, portal: string): Dataset => {
  const page = text(answer.page)
  const slug = text(answer.slug) ?? answer.id
  return {
    id: answer.id,
    slug,
    title: text(answer.title) ?? slug,
    ...present({
      organization: text(answer.organization?.name),
      license: text(typeof answer.license === "object" ? answer.license?.id : answer.license),
      updateEvery: periodOf(answer.frequency),
      page: page !== undefined && URL.canParse(page, portal) ? new URL(page, portal).href : undefined,
    }),
  }
}

/** Where a resource was found. */
export interface Surroundings {
  readonly portal: string
  readonly dataset: KnownDataset
}

const toResource = (
  { portal, dataset }: Surroundings,
  { answer, received }: Candidate<JsonObject>,
  own: Pick<Resource, "id" | "siblings"> & { readonly into?: string | undefined },
): Resource => {
  const { resources: _, community_resources: __, ...described } = dataset.received
  return {
    source: SOURCE_ID,
    dataset: toDataset(dataset, portal),
    id: own.id,
    portalId: answer.id,
    title: text(answer.title) ?? answer.id,
    url: cleanUrl(answer.url),
    ...present({
      format: text(answer.format)?.toLowerCase(),
      mediaType: text(answer.mime)?.toLowerCase(),
      size: bytes(answer.filesize),
      checksum: checksum(answer),
      schema: schema(answer),
      lastModified: text(answer.last_modified),
      into: own.into,
    }),
    siblings: own.siblings,
    metadata: withoutSecrets({ dataset: described, resource: received }),
  }
}

/** A selected file, with its siblings, as core takes it. */
export const found = (surroundings: Surroundings, { id, into, primary, siblings }: Selected<JsonObject>): Resource =>
  toResource(surroundings, primary, {
    id,
    into,
    siblings: siblings.map((sibling) => toResource(surroundings, sibling, { id: sibling.answer.id, siblings: [] })),
  })
