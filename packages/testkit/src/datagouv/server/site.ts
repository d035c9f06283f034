import { answerApi } from "../api/api.ts"
import { createHash } from "node:crypto"
import { message } from "../api/answer.ts"
import type { Answer, Asked } from "../api/answer.ts"
import { exportKinds, exportOf } from "../api/exports.ts"
import type { Rendering } from "../api/objects.ts"
import type { Catalogue } from "../catalogue/catalogue.ts"
import { textOf } from "../catalogue/json.ts"
import type { Delivery } from "./delivery.ts"
import { answerFile } from "./files.ts"
import type { ServedFile } from "./files.ts"
import { followHop, misread, spoil, takeFault, withoutHop } from "./misbehaviour.ts"
import type { Fault } from "./misbehaviour.ts"

/** What the server answers from. */
export interface Site {
  readonly catalogue: Catalogue
  readonly rendering: Rendering
  readonly apiKey: string | undefined
  /** Files outside of any dataset, by path. */
  readonly loose: ReadonlyMap<string, ServedFile>
  readonly faults: ReadonlyArray<Fault>
}

const resourceFile = ({ catalogue }: Site, path: string): ServedFile | undefined => {
  const resource = catalogue.resourceAt(path)
  const stored = catalogue.contents.get(resource?.publication.content)
  if (resource === undefined || stored === undefined) return undefined
  return {
    bytes: stored.bytes,
    etag: stored.sha1.slice(0, 16),
    lastModified: resource.publication.at,
    contentType: textOf(resource.fields["mime"]) ?? "application/octet-stream",
  }
}

const exportFile = ({ catalogue, rendering }: Site, path: string): ServedFile | undefined => {
  const kind = exportKinds.find((one) => path === `/exports/${one}.csv`)
  if (kind === undefined) return undefined
  const bytes = Buffer.from(exportOf(kind, catalogue, rendering))
  return {
    bytes,
    etag: createHash("sha1").update(bytes).digest("hex").slice(0, 16),
    lastModified: catalogue.now,
    contentType: "text/csv",
  }
}

const honestAnswer = (site: Site, asked: Asked): Answer => {
  const { pathname, search } = asked.url
  if (pathname.startsWith("/api/")) return answerApi(asked, site.catalogue, site.rendering, site.apiKey)
  const file = site.loose.get(pathname) ?? exportFile(site, pathname) ?? resourceFile(site, pathname + search)
  if (file === undefined) return message(404, "Not found")
  if (asked.method !== "GET" && asked.method !== "HEAD") return message(405, "Only GET and HEAD")
  return answerFile(asked, file)
}

/** The answer to a request, spoilt by the first fault in force for it. */
export const answerSite = (site: Site, asked: Asked): readonly [Answer, Delivery] => {
  const hop = followHop(asked.url)
  if (hop === "arrived") return [honestAnswer(site, { ...asked, url: withoutHop(asked.url) }), {}]
  if (hop !== undefined) return [hop, {}]
  const { pathname, search } = asked.url
  const behaviour = takeFault(site.faults, pathname, site.catalogue.resourceAt(pathname + search)?.id)
  return spoil(asked, honestAnswer(site, misread(asked, behaviour)), behaviour)
}
