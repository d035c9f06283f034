import type { Extraction, Resource } from "@opendatahub-sql/core"

/** A resource as a portal gives it. */
export const aResource = (more: Partial<Resource> = {}): Resource => ({
  source: "datagouv",
  dataset: { id: "d1", slug: "jours-feries-en-france", title: "Jours fériés en France" },
  id: "r1",
  portalId: "r1",
  title: "jours_feries.csv",
  url: "https://static.data.gouv.fr/jours_feries.csv",
  siblings: [],
  metadata: {},
  ...more,
})

/** One look at it. */
export const anExtraction = (more: Partial<Extraction> = {}): Extraction => ({
  formatVersion: 1,
  extractedAt: "2026-01-01T00:00:00.000Z",
  resource: aResource(),
  file: { path: "raw/x.csv", name: "x.csv", sha256: "a".repeat(64), bytes: 3, validators: {} },
  siblings: {},
  headers: {},
  finalUrl: "https://static.data.gouv.fr/jours_feries.csv",
  endedAt: "2026-01-01T00:00:01.000Z",
  writtenBy: "test",
  ...more,
})
