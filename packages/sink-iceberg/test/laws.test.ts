import { registerLaws, sinkLaws } from "@opendatahub-sql/core/testing"
import { layer } from "@opendatahub-sql/engine-duckdb"
import { iceberg } from "@opendatahub-sql/sink-iceberg"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, it } from "vitest"
import { readRows } from "./tables.ts"

describe("the laws of sinks", () => {
  registerLaws(
    it,
    sinkLaws({
      sink: (folder) => iceberg({ path: join(folder, "lake") }),
      misconfigured: iceberg({ path: "", memoryLimit: -1 }),
      engine: layer({ workFolder: tmpdir() }),
      read: (folder, table) => readRows(join(folder, "lake"), table),
      readAsOf: (folder, table, at) => readRows(join(folder, "lake"), table, at),
    }),
  )
})
