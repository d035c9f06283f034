/** Members that publishers add beside their data. */

const CHECKSUMS = new Set(["md5", "sha1", "sha256", "sha512", "md5sum", "sha256sum", "asc", "sig", "sfv", "crc"])
const DOCUMENTS = new Set([
  "pdf",
  "doc",
  "docx",
  "odt",
  "rtf",
  "ppt",
  "pptx",
  "odp",
  "html",
  "htm",
  "xhtml",
  "css",
  "md",
  "url",
  "lnk",
  "epub",
])
const PICTURES = new Set(["png", "jpg", "jpeg", "gif", "svg", "bmp", "ico", "webp", "tif", "tiff", "mp3", "mp4"])
const PROGRAMS = new Set(["exe", "dll", "bat", "cmd", "sh", "msi", "jar"])
const README = /^(?:readme|read[-_ ]me|lisez[-_ ]?moi|licen[cs]e|changelog)\b[^.]*(?:\.txt)?$/i
const SCHEMAS = new Set(["xsd", "dtd", "xsl", "xslt", "rng"])
const MAP_STYLES = new Set(["qml", "qgs", "qgz", "qlr", "sld", "lyr", "lyrx", "mxd", "aprx"])
const LEFTOVERS = new Set([".ds_store", "thumbs.db", "desktop.ini"])

/** Why a member is no data, by its name; `undefined` when it may be. */
export const whyNotData = (name: string): string | undefined => {
  const base = name.slice(name.lastIndexOf("/") + 1)
  const extension = base.includes(".") ? base.slice(base.lastIndexOf(".") + 1).toLowerCase() : ""
  if (name.startsWith("__MACOSX/") || name.includes("/__MACOSX/") || base.startsWith("._")) return "macOS metadata"
  if (LEFTOVERS.has(base.toLowerCase())) return "left by a file manager"
  if (CHECKSUMS.has(extension)) return "a checksum"
  if (README.test(base) || DOCUMENTS.has(extension)) return "documentation"
  if (PICTURES.has(extension)) return "a picture or sound"
  if (SCHEMAS.has(extension)) return "a schema"
  if (MAP_STYLES.has(extension)) return "the style of a map"
  if (PROGRAMS.has(extension)) return "a program"
  return undefined
}

/** Whether the members are those of one office document (OPC or OpenDocument): a workbook is a zip, its parts are no files of data. */
export const isDocument = (names: ReadonlyArray<string>): boolean =>
  names.includes("[Content_Types].xml") || names[0] === "mimetype"
