/** Whether bytes are GeoJSON, by the head alone. */
import type { Confidence, Probe } from "@opendatahub-sql/core"
import { encodingOf, textOf, toUtf8, type Visitor, Walker } from "@opendatahub-sql/core/json"
import { isGeometryType } from "./feature.ts"

/** More than any reader of JSON in general claims. */
const CERTAIN = 0.95

interface Context {
  readonly depth: number
}

interface Outline {
  readonly type: string | undefined
  readonly hasFeatures: boolean
  /** A member of TopoJSON. */
  readonly hasArcs: boolean
}

/** What the outermost object of a text says before the text ends: its type, and what it begins. */
const outlineOf = (head: Uint8Array): Outline => {
  let type: string | undefined
  let hasFeatures = false
  let hasArcs = false
  const visitor: Visitor<Context> = {
    open: ({ depth }, key, kind) => {
      if (depth === 0) return { depth: 1 }
      if (key === "features" && kind === "array" && depth === 1) {
        hasFeatures = true
        return { depth: 2 }
      }
      hasArcs ||= depth === 1 && (key === "arcs" || key === "objects")
      return "skip"
    },
    close: () => {},
    value: ({ depth }, key, { bytes, kind }) => {
      if (depth === 1 && key === "type" && kind === "string") type ??= textOf(bytes).slice(1, -1)
    },
  }
  try {
    new Walker<Context>(visitor, { depth: 0 }, 0, true).push(head)
  } catch {
    // What was seen before the damage counts.
  }
  return { type, hasFeatures, hasArcs }
}

/** 0.95 when the outermost object says that it is GeoJSON, or TopoJSON, whose error is ours to tell; a list of features whose type comes after them counts when its first item is a Feature. */
export const detects = (probe: Probe): Confidence => {
  const head = toUtf8(encodingOf(probe.head))(probe.head)
  const first = head.find((byte) => byte !== 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d && byte !== 0x1e)
  if (first !== 0x7b) return 0
  const { type, hasFeatures, hasArcs } = outlineOf(head)
  if (type === "FeatureCollection" || type === "Feature" || isGeometryType(type)) return CERTAIN
  if (type === "Topology" && hasArcs) return CERTAIN
  if (type === undefined && hasFeatures && /"type"\s*:\s*"Feature"/.test(textOf(head))) return CERTAIN
  return /\.geojson$/i.test(probe.name) || /geo\+?json/i.test(probe.mediaType ?? probe.declared ?? "") ? 0.5 : 0
}
