/** Where the bytes of a resource are, and what to call the file. */
import * as Effect from "effect/Effect"
import { dataQuality, type DownloadRequest, type Resource, type SourceError, terminal } from "@opendatahub-sql/core"
import { failure } from "./failure.ts"
import { fileName } from "./selection/file-name.ts"

/** Formats that name a kind of content, and the file it comes in. */
const EXTENSIONS: Readonly<Record<string, string>> = {
  shapefile: "zip",
  gtfs: "zip",
  netex: "zip",
  geopackage: "gpkg",
  geoparquet: "parquet",
  gzip: "gz",
  excel: "xlsx",
}
/** Endings of programs that serve files, not of files. */
const SCRIPTS = new Set(["php", "asp", "aspx", "jsp", "do", "cgi", "dll", "ashx", "cfm"])

const FETCHED = new Set(["https:", "http:", "ftp:", "ftps:"])

const extensionOf = (name: string): string | undefined => /\.([a-z][a-z0-9]{0,9}|7z)$/i.exec(name)?.[1]?.toLowerCase()

const safe = (name: string): string =>
  name
    .replaceAll(/[\p{Cc}/\\:*?"<>|]+/gu, "_")
    .replace(/^[.\s]+/, "")
    .slice(-150)

/** The last segment of the URL when it is a file's name, else the title with the declared format as its extension. */
export const downloadName = ({ url, title, format, id }: Pick<Resource, "url" | "title" | "format" | "id">): string => {
  const last = fileName(url)
  const ending = extensionOf(last)
  if (ending !== undefined && !SCRIPTS.has(ending)) return safe(last)
  const base = safe(title) || id
  const extension =
    EXTENSIONS[format ?? ""] ?? (/^[a-z0-9]{1,10}(\.[a-z0-9]{1,10})?$/.test(format ?? "") ? format : undefined)
  return extension === undefined || base.toLowerCase().endsWith(`.${extension}`) ? base : `${base}.${extension}`
}

const hosted = ({ metadata }: Resource): boolean => {
  const { resource } = metadata
  return typeof resource === "object" && resource !== null && "filetype" in resource && resource.filetype === "file"
}

/**
 * The declared URL; for a file that the portal hosts, its permalink when that is gone. Replacing a hosted file keeps its id, gives it a new URL
 * and deletes the old one, so that the URL seen at discovery may be gone at download; the permalink answers 302 to the file of the moment. It
 * is built from the id: the field `latest` has had several forms, some of which only browsers could follow.
 */
export const locate = (portal: string) =>
  Effect.fn("Datagouv.locate")(function* (resource: Resource): Effect.fn.Return<DownloadRequest, SourceError> {
    const { url, portalId, mediaType } = resource
    const subject = `resource ${portalId} ("${resource.title}") of dataset ${resource.dataset.slug}`
    if (!URL.canParse(url))
      return yield* failure("locate", dataQuality, `${subject} has no usable URL; tell its producer, or exclude it`)
    const { protocol, href } = new URL(url)
    if (!FETCHED.has(protocol)) {
      return yield* failure(
        "locate",
        terminal,
        `${subject} is served over ${protocol.replace(":", "")}, only http, https, ftp and ftps are fetched; exclude it`,
      )
    }
    return {
      url: href,
      ...(hosted(resource) ? { orElse: `${portal}/api/1/datasets/r/${encodeURIComponent(portalId)}` } : {}),
      name: downloadName(resource),
      ...(mediaType === undefined ? {} : { mediaType }),
    }
  })
