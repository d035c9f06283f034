/** The package has no types of its own: what we call of it. */
declare module "geojson-validation" {
  /** What is wrong with a Feature, in words; empty when nothing is. */
  export function isFeature(feature: unknown, trace: true): ReadonlyArray<string>
}
