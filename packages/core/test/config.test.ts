import { assert, describe, it } from "@effect/vitest"
import { decodeConfig, type Hub } from "@opendatahub-sql/core/config"
import { type ConfigError, defineSink, defineSource, SinkError, terminal } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { aFormat, box } from "./a-reader.ts"

const strict = { parseOptions: { errors: "all", onExcessProperty: "error" } } as const
const portal = defineSource({
  id: "portal",
  apiVersion: 1,
  config: Schema.toStandardSchemaV1(
    Schema.Struct({ url: Schema.optionalKey(Schema.String), pageSize: Schema.optionalKey(Schema.Number) }),
    strict,
  ),
  make: () => ({ discover: () => Stream.empty, locate: () => Effect.succeed({ url: "https://x.fr", name: "x" }) }),
})
const warehouse = defineSink({
  id: "warehouse",
  apiVersion: 1,
  config: Schema.toStandardSchemaV1(Schema.Struct({ path: Schema.String }), strict),
  make: ({ path }) => ({
    target: `warehouse:${path}`,
    capabilities: { modes: ["snapshots"], atomicTables: true, parallelLoads: 1, maxIdentifierLength: 63 },
    open: Effect.fail(new SinkError({ plugin: "warehouse", operation: "open", message: "closed", reason: terminal })),
  }),
})
const preset = { sources: [portal()], formats: [aFormat("csv", "a")(), box()], sinks: [warehouse({ path: "w" })] }

const decode = (config: unknown): Effect.Effect<Hub, ConfigError> => decodeConfig(config, preset)
const issuesOf = (config: unknown) => Effect.map(Effect.flip(decode(config)), (error) => error.issues)
const lines = (config: unknown) =>
  Effect.map(issuesOf(config), (issues) => issues.map((issue) => `${issue.path}: ${issue.message}`))

describe("a configuration", () => {
  it.effect("that says nothing gets the preset and the defaults", () =>
    Effect.gen(function* () {
      const hub = yield* decode({})
      assert.deepStrictEqual(
        [hub.lake, hub.concurrency, hub.memoryLimit, hub.network],
        ["./data/lake", 4, 1_000_000_000, {}],
      )
      assert.deepStrictEqual(
        [hub.sources, hub.readers, hub.sinks].map((all) => all.map((one) => one.id)),
        [["portal"], ["csv", "box"], ["warehouse"]],
      )
      assert.deepStrictEqual(hub.settings("any"), {
        columns: {},
        onSchemaChange: "evolve",
        mode: "history",
        tolerance: 0.999,
        rejects: {},
        quarantine: {},
        onGone: "keep",
      })
    }),
  )

  it.effect("keeps what is said of one table from the others", () =>
    Effect.gen(function* () {
      const hub = yield* decode({ tables: { lieux: { columns: { com: "text" }, mode: "latest" } } })
      assert.deepStrictEqual(hub.settings("lieux"), {
        columns: { com: "text" },
        onSchemaChange: "evolve",
        mode: "latest",
        tolerance: 0.999,
        rejects: {},
        quarantine: {},
        onGone: "keep",
      })
      assert.strictEqual(hub.settings("usagers").mode, "history")
      assert.strictEqual(hub.settings("constructor").mode, "history")
    }),
  )

  it.effect("tells every error at once, with its path and what would be accepted", () =>
    Effect.gen(function* () {
      const issues = yield* issuesOf({
        lake: "",
        sinsk: [],
        concurrency: 0,
        memoryLimit: "1 GB",
        network: { allowPrivate: "127.0.0.1", agent: "me" },
        tables: {
          "Lieux 2019": {},
          lieux: {
            mode: "weekly",
            onSchemaChange: "explode",
            tolerance: 2,
            colums: {},
            columns: { com: "varchar" },
            rejects: { maxShare: 10, maxRow: 1, maxRows: -1 },
          },
          usagers: 3,
        },
        sources: [portal, portal({ pageSize: "many" } as never)],
        formats: [warehouse({ path: "w" }), aFormat("csv", "a")({ delimeter: ";" } as never)],
        sinks: [warehouse({} as never)],
      })
      const paths = issues.map((issue) => issue.path)
      for (const path of [
        "lake",
        "sinsk",
        "concurrency",
        "memoryLimit",
        "network.allowPrivate",
        "network.agent",
        "tables.Lieux 2019",
        "tables.lieux.mode",
        "tables.lieux.onSchemaChange",
        "tables.lieux.tolerance",
        "tables.lieux.colums",
        "tables.lieux.columns.com",
        "tables.lieux.rejects.maxShare",
        "tables.lieux.rejects.maxRow",
        "tables.lieux.rejects.maxRows",
        "tables.usagers",
        "sources[0]",
        "sources[1] (portal).pageSize",
        "formats[0]",
        "formats[1] (csv).delimeter",
        "sinks[0] (warehouse).path",
      ])
        assert.include(paths, path, `${path} in ${paths.join(", ")}`)
      const hint = (path: string) => issues.find((issue) => issue.path === path)?.hint
      assert.strictEqual(hint("sinsk"), 'did you mean "sinks"?')
      assert.strictEqual(hint("tables.lieux.colums"), 'did you mean "columns"?')
      assert.include(hint("tables.Lieux 2019"), "lieux_2019")
      assert.include(hint("sources[0]"), "call it")
      assert.include(issues.find((issue) => issue.path === "tables.lieux.columns.com")?.message, "text, bigint")
    }),
  )

  it.effect("counts the index of a plugin in the list as it is written", () =>
    Effect.gen(function* () {
      const all = yield* lines({ sinks: [warehouse, warehouse({ path: 3 } as never)] })
      assert.isTrue(
        all.some((line) => line.startsWith("sinks[1] (warehouse).path:")),
        all.join("\n"),
      )
    }),
  )

  it.effect("may name no destination twice, nor two sources alike", () =>
    Effect.gen(function* () {
      const all = yield* lines({
        sinks: [warehouse({ path: "w" }), warehouse({ path: "w" })],
        sources: [portal(), portal()],
      })
      assert.deepStrictEqual(all, [
        "sinks[1]: the destination warehouse:w is given twice",
        'sources[1]: two sources are called "portal"',
      ])
    }),
  )

  it.effect("accepts names of child tables, and decimals that fit 38 digits only", () =>
    Effect.gen(function* () {
      yield* decode({ tables: { marches__titulaires: { columns: { montant: "decimal(38,10)" } } } })
      for (const type of ["decimal(39,2)", "decimal(5,6)", "decimal(0,0)"]) {
        assert.lengthOf(yield* issuesOf({ tables: { t: { columns: { montant: type } } } }), 1, type)
      }
    }),
  )

  it.effect("that is no object says what is expected", () =>
    Effect.gen(function* () {
      for (const config of [undefined, null, [], "x"])
        assert.include((yield* issuesOf(config))[0]?.message, "defineConfig")
    }),
  )

  it.effect("is not polluted by names of the language", () =>
    Effect.gen(function* () {
      assert.lengthOf(yield* issuesOf(JSON.parse('{ "constructor": 1, "toString": 2, "__proto__": 3 }')), 3)
    }),
  )

  it.effect("refuses a plugin of another API version, with what to do", () =>
    Effect.gen(function* () {
      const old = {
        ...portal(),
        decode: defineSource({
          id: "old",
          apiVersion: 2 as never,
          config: Schema.toStandardSchemaV1(Schema.Struct({})),
          make: () => ({ discover: () => Stream.empty, locate: () => Effect.never }),
        })().decode,
      }
      const [issue] = yield* issuesOf({ sources: [old] })
      assert.include(issue?.message, "plugin API 2")
      assert.include(issue?.hint, "install a version")
    }),
  )
})
