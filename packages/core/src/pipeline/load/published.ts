import type { Extraction } from "../../contracts/lake.ts"

/**
 * When the state of an extraction was published, as ISO text in UTC: the server's `Last-Modified`, else the portal's date. `undefined` when
 * there is none, or one after the extraction began.
 */
export const publishedAt = ({ extractedAt, file, resource }: Extraction): string | undefined => {
  for (const said of [file.validators.lastModified, resource.lastModified]) {
    const instant = said === undefined ? Number.NaN : Date.parse(said)
    if (instant > 0 && instant <= Date.parse(extractedAt)) return new Date(instant).toISOString()
  }
  return undefined
}
