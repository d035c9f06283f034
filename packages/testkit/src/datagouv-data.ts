import { readFileSync } from "node:fs"

/**
 * Reads one of the package's JSON files. This module stays at the top of `src` so that `../data` is right both for the sources
 * and for the bundle in `dist`.
 */
export const readData = (name: "recorded.json" | "schemas.json"): unknown =>
  JSON.parse(readFileSync(new URL(`../data/${name}`, import.meta.url), "utf8"))
