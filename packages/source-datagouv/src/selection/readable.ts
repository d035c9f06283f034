/** Whether a resource looks like a file with rows in it, by what the portal declares. The bytes decide later. */
import { fileName } from "./file-name.ts"
import type { ResourceAnswer } from "../portal/answers.ts"

const words = (text: string): ReadonlySet<string> => new Set(text.split("|"))

const READABLE = words(
  "csv|tsv|tab|txt|json|ndjson|jsonl|geojson|xml|xls|xlsx|ods|parquet|geoparquet|" +
    "shp|shapefile|gpkg|geopackage|zip|gz|gzip|tgz|tar|bz2|gtfs|netex",
)
const UNREADABLE = words(
  "page web|web page|web|www|html|htm|xhtml|url|link|lien|php|aspx|api|wms|wmts|wfs|pdf|doc|docx|odt|rtf|md|ppt|pptx|odp|" +
    "png|jpg|jpeg|gif|svg|webp|tif|tiff|geotiff|jp2|ecw|bmp|image|mp3|mp4|epub|exe",
)

const MEDIA_TYPES: ReadonlyArray<readonly [RegExp, Readability]> = [
  [/^(image|audio|video|font)\//, "unreadable"],
  [
    /^(text\/html|application\/(xhtml\+xml|pdf|msword|rtf)|application\/vnd\.(openxmlformats-officedocument\.(wordprocessing|presentation)|oasis\.opendocument\.(text|presentation)|ms-powerpoint).*)/,
    "unreadable",
  ],
  [
    /^text\/(csv|tab-separated-values|plain|xml)|^application\/(json|geo\+json|vnd\.geo\+json|x-ndjson|xml|zip|gzip|x-gzip|x-tar|x-bzip2|vnd\.ms-excel|geopackage\+sqlite3|vnd\.apache\.parquet|parquet)|spreadsheet/,
    "readable",
  ],
]

/** `unknown`: taken only when a rule asks for it. */
export type Readability = "readable" | "unreadable" | "unknown"

const ofFormat = (format: string): Readability => {
  const last = format.split(".").at(-1) ?? ""
  return READABLE.has(format) || READABLE.has(last) ? "readable" : UNREADABLE.has(format) ? "unreadable" : "unknown"
}

const ofMediaType = (mime: string): Readability => MEDIA_TYPES.find(([pattern]) => pattern.test(mime))?.[1] ?? "unknown"

/** Judges by the declared format, then the media type, then the extensions of the file name and the title: the first that says something. */
export const readability = (resource: ResourceAnswer): Readability => {
  const format = (resource.format ?? "").trim().toLowerCase().replace(/^\./, "")
  const mime = (resource.mime ?? "").trim().toLowerCase()
  const hints = [
    format.includes("/") ? ofMediaType(format) : ofFormat(format),
    ofMediaType(mime),
    ...[fileName(resource.url), resource.title ?? ""].map((name) =>
      ofFormat(/\.([a-z0-9]{2,10})$/i.exec(name.trim())?.[1]?.toLowerCase() ?? ""),
    ),
  ]
  return hints.find((hint) => hint !== "unknown") ?? "unknown"
}
