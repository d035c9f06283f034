/** Says whether a file is CSV from its first bytes; what it is called only tips the balance. */
import type { Confidence, Probe } from "@opendatahub-sql/core"
import { findDialect } from "./dialect/find-dialect.ts"
import { decode } from "./encoding/decoding.ts"
import { decideEncoding } from "./encoding/encoding.ts"
import { gatherEvidence } from "./encoding/evidence.ts"
import type { Options } from "./options.ts"

/** First bytes, as ISO-8859-1, of formats that are no text at all: the control characters of the others give them away. */
const magic = [
  "PK\u0003\u0004",
  "PK\u0005\u0006",
  "\u001f\u008b",
  "BZh",
  "\u00fd7zXZ",
  "7z\u00bc\u00af",
  "Rar!",
  "\u0028\u00b5\u002f\u00fd",
  "%PDF-",
  "%!PS",
  "{\\rtf",
  "\u00d0\u00cf\u0011\u00e0",
  "PAR1",
  "ARROW1",
  "ORC",
  "Obj\u0001",
  "SQLite format 3",
  "\u0089PNG",
  "\u00ff\u00d8\u00ff",
  "GIF8",
  "II*\u0000",
  "MM\u0000*",
  "RIFF",
]

const isMarkup = /^\s*<(?:[!?a-z]|\/)/i
const SENTENCE = 1000
/** One line of words that ends in a full stop: what a firewall says, not names of columns. */
const isSentence = /^\s*[^\r\n"]*(?:\p{L}+,? ){3}[^\r\n"]*\p{L}[.!]\s*$/u
const isJson = /^\s*(?:\{\s*(?:["}]|$)|\[\s*(?:[{"[\]]|-?\d|$|true|false|null))/
/** Control characters that no text has. NUL bytes do occur in published cells, up to a point. */
// eslint-disable-next-line no-control-regex
const controls = /[\u0001-\u0008\u000e-\u001a\u001c-\u001f\ufffd]/g

const said = (probe: Probe): { readonly csv: boolean; readonly text: boolean; readonly other: boolean } => {
  const words = [
    /\.([a-z0-9]+)$/i.exec(probe.name.replace(/\.(gz|bz2|xz|zst)$/i, ""))?.[1]?.toLowerCase(),
    probe.declared,
    probe.mediaType?.toLowerCase(),
  ]
  const any = (pattern: RegExp) => words.some((word) => word !== undefined && pattern.test(word))
  return {
    csv: any(/^(csv|tsv|tab)$|(text|application)\/(csv|tab-separated-values|x-csv)|text\/x-csv|comma-separated/),
    text: any(/^(txt|text|dat|asc)$|text\/plain/),
    other:
      words[0] !== undefined &&
      /^(prj|md5|sha1|sha256|cpg|qpj|md|html?|xml|xsd|json|geojson|ndjson|jsonl|kml|gml|gpx|js|ts|py|r|sql|ya?ml|toml|ini|log|css|svg|ics|wkt|vrt|qml|sld)$/.test(
        words[0],
      ),
  }
}

/** 0 for other formats and plain text, 0.9 and more where a delimiter cuts the lines alike, less when only the name says so. */
export const detects = (probe: Probe, options: Options): Confidence => {
  const name = said(probe)
  const start = Buffer.from(probe.head.subarray(0, 64)).toString("latin1")
  if (probe.head.length === 0) return probe.size === 0 && name.csv ? 0.5 : 0
  if (magic.some((bytes) => start.startsWith(bytes))) return 0
  const evidence = gatherEvidence()
  evidence.add(probe.head)
  const text = decode(probe.head, options.encoding ?? decideEncoding(evidence.end()).name)
  if (isMarkup.test(text) || isJson.test(text) || (text.length < SENTENCE && isSentence.test(text))) return 0
  const strange = text.match(controls)?.length ?? 0
  const zeros = text.split("\u0000").length - 1
  if (strange > Math.max(2, text.length / 100) || zeros > text.length / 10) return 0
  const found = findDialect([text], probe.size === probe.head.length, options)
  const byName = name.csv ? 0.5 : 0
  if (found.width < 2) return byName
  if (name.other && !name.csv) return 0.1
  if (found.records < 2) return name.csv ? 0.8 : name.text ? 0.5 : 0
  const strength = found.share * (found.rare ? 0.5 : found.records > 2 ? 0.9 : 0.8)
  return Math.max(byName, Math.min(0.98, strength + (name.csv ? 0.08 : name.text ? 0.03 : 0)))
}
