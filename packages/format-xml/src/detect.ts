/** Whether bytes are XML, by the head alone. HTML is not, even where it could be read as such. */
import type { Confidence, Probe } from "@opendatahub-sql/core"
import { Decoder, encodingOf } from "./markup/encoding.ts"
import { Tokenizer } from "./markup/tokenizer.ts"

const XML_NAME = /\.(?:xml|gml|kml|rss|atom|rdf|xsd|gpx|osm)$/i
const XML_TYPE = /\bxml\b/i
const HTML = /^(?:\s|<\?[^>]*>|<!--[\s\S]*?-->)*<(?:!doctype\s+html|html|head|body)\b/i

const nothing = (): void => undefined

/** Whether what the head holds is well formed so far. */
const holds = (text: string): boolean => {
  try {
    new Tokenizer({ open: nothing, text: nothing, close: nothing }, (part) => part.length, 0).push(text)
    return true
  } catch {
    return false
  }
}

/** 0.9 for a sound head with an XML declaration, 0.8 without; damaged XML that says so by its name is still ours, its error names the place. */
export const detects = (probe: Probe): Confidence => {
  const encoding = encodingOf(probe.head)
  const hinted =
    XML_NAME.test(probe.name) || XML_TYPE.test(probe.declared ?? "") || XML_TYPE.test(probe.mediaType ?? "")
  if ("unknown" in encoding) return hinted ? 0.6 : 0.3
  const text = new Decoder(encoding).push(probe.head)
  if (!/^\s*<[?!:\p{L}_]/u.test(text) || HTML.test(text)) return 0
  if (holds(text)) return text.startsWith("<?xml") ? 0.9 : 0.8
  return hinted || text.startsWith("<?xml") ? 0.6 : 0
}
