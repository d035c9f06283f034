/** Whether bytes are JSON, by the head alone. */
import type { Confidence, Probe } from "@opendatahub-sql/core"
import { encodingOf, looksLikeLines, toUtf8 } from "@opendatahub-sql/core/json"
import { Surveyor } from "./layout/survey.ts"

const JSON_NAME = /\.(?:json|ndjson|jsonl|geojson|topojson)$/i
const JSON_TYPE = /\bjson\b/i

/** Whether the outer structure of the head holds: `[1] note` and `{\rtf1` begin like JSON too. */
const holds = (head: Uint8Array): boolean => {
  try {
    new Surveyor(0).push(head)
    return true
  } catch {
    return false
  }
}

/** 0.9 for a sound head that begins with `{` or `[`; by name or declaration alone, less. */
export const detects = (probe: Probe): Confidence => {
  const hinted =
    JSON_NAME.test(probe.name) || JSON_TYPE.test(probe.declared ?? "") || JSON_TYPE.test(probe.mediaType ?? "")
  const encoding = encodingOf(probe.head)
  const head = toUtf8(encoding)(probe.head)
  const first = head.find((byte) => byte !== 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d && byte !== 0x1e)
  if (first === undefined) return 0
  if (first === 0x7b || first === 0x5b) {
    // Damaged JSON is still ours when it says so: its error names the place.
    if (holds(head) || looksLikeLines(head, probe.size === probe.head.length)) return 0.9
    return hinted ? 0.6 : 0.1
  }
  // A lone string, number, true, false or null is JSON only where it is called so.
  return hinted && /["\-0-9tfn]/.test(String.fromCharCode(first)) && holds(head) ? 0.5 : 0
}
