/** Whether bytes are a workbook: by the names of its parts, never by the file's own name. */
import type { Confidence, Probe } from "@opendatahub-sql/core"
import { flatWorkbook } from "./refused.ts"
import { isBiff } from "./xls/biff.ts"
import { isOle, streamsInHead } from "./xls/ole.ts"

const ODS_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
const LOCAL_HEADER = 30

const ascii = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1")

const isZip = ([a, b, c, d]: Uint8Array): boolean => a === 0x50 && b === 0x4b && c === 3 && d === 4

/** The name of the first part, and what follows it. */
const firstPart = (head: Uint8Array): readonly [string, string] => {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.length)
  if (bytes.length < LOCAL_HEADER) return ["", ""]
  const end = LOCAL_HEADER + bytes.readUInt16LE(26)
  const content = end + bytes.readUInt16LE(28)
  return [bytes.toString("latin1", LOCAL_HEADER, end), bytes.toString("latin1", content, content + 128)]
}

const isWorkbookPart = (name: string): boolean => /^[/\\]?xl[/\\]/i.test(name)

/** By the members that an archive proposes. An ods that was zipped again does not show its type first: it may be a text, too. */
const byMembers = (members: ReadonlyArray<string>, content: string): Confidence => {
  if (members.some((name) => /^[/\\]?\[content_types\]\.xml$/i.test(name)) && members.some(isWorkbookPart)) return 0.98
  const isDocument = members.includes("content.xml") && members.includes("META-INF/manifest.xml")
  return isDocument && !content.startsWith("application/vnd.oasis.opendocument") ? 0.92 : 0
}

const byZip = ({ head, tail, members }: Probe): Confidence => {
  const [first, content] = firstPart(head)
  const isOds = first === "mimetype" && content.startsWith(ODS_TYPE)
  if (isOds) return 0.98
  if (members !== undefined) return byMembers(members, first === "mimetype" ? content : "")
  // An archive that holds a workbook as a member shows such names too, but not in its first part.
  const isPackage = isWorkbookPart(first) || /^(?:\[content_types\]\.xml|_rels[/\\]|docprops[/\\])/i.test(first)
  const names = ascii(head) + ascii(tail)
  return isPackage &&
    /xl[/\\](?:workbook|worksheets|_rels|sharedstrings|styles)/i.test(names) &&
    !/(?:word|ppt)[/\\]/.test(names)
    ? 0.98
    : 0
}

/** 0.98 for a workbook, above the container of its zip; an OLE document whose directory lies beyond the head counts by name. */
export const detects = (probe: Probe): Confidence => {
  if (isZip(probe.head)) return byZip(probe)
  if (isBiff(probe.head)) return 0.95
  // Above XML, whose reader would make tables of cells and styles.
  if (flatWorkbook(probe.head) !== undefined) return 0.95
  if (!isOle(probe.head)) return 0
  const streams = streamsInHead(probe.head)
  if (streams.some((name) => name === "Workbook" || name === "Book" || name === "EncryptedPackage")) return 0.95
  if (streams.some((name) => name === "WordDocument" || name === "PowerPoint Document" || name.startsWith("__")))
    return 0
  return /\.xl[a-z]$/i.test(probe.name) || /xls|excel/i.test(`${probe.declared ?? ""} ${probe.mediaType ?? ""}`)
    ? 0.9
    : 0.5
}
