/** Whether a feature is what RFC 7946 says: first by a library of its own, then by what that one lets pass. */
import { isFeature } from "geojson-validation"
import type { Feature } from "./feature.ts"

const MOST_WORDS = 500

/** Coordinates without a position are no geometry (RFC 7946 §3.1), so they are not judged as one. */
const withoutEmptyGeometry = (value: unknown, feature: Feature): unknown =>
  feature.shape !== undefined && feature.shape.from === feature.shape.to && typeof value === "object" ? { ...value, geometry: null } : value

/** What is wrong with a feature, in words; `undefined` when nothing is. `text` is its JSON. */
export const invalid = (text: string, feature: Feature, isBareGeometry: boolean): string | undefined => {
  try {
    const value: unknown = JSON.parse(text)
    const asFeature = isBareGeometry ? { type: "Feature", properties: null, geometry: value } : value
    const errors = isFeature(withoutEmptyGeometry(asFeature, feature), true)
    if (errors.length > 0) return errors.join("; ").slice(0, MOST_WORDS)
  } catch {
    // It trips over what it did not foresee, such as a ring that is an empty list or no list: our own checks name those.
    return feature.broken ?? feature.irregular ?? "not a valid feature"
  }
  return feature.irregular
}
