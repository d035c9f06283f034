/** What orchestrators ask of the command: batches, a manifest, a result whatever happens, lineage and telemetry. */
import { assert, describe, it } from "@effect/vitest"
import type { Resource, WorkItem } from "@opendatahub-sql/core"
import { Ajv2020 } from "ajv/dist/2020.js"
import * as Effect from "effect/Effect"
import { readFileSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { createServer } from "node:http"
import { join } from "node:path"
import { batches } from "../src/manifest/batches.ts"
import { parseParent } from "../src/lineage/settings.ts"
import { parentSpan } from "../src/cli/telemetry.ts"
import { jsonLines, odh, writeConfig } from "./support/command.ts"
import { corpus, portalWith, temporaryFolder } from "./support/place.ts"

const resource = (n: number, host: string, size?: number, padding = 0): Resource => ({
  source: "s",
  dataset: { id: `d${n}`, slug: `slug-${n}`, title: "" },
  id: `r${n}`,
  portalId: `r${n}`,
  title: "",
  url: `https://${host}/${n}.csv`,
  ...(size === undefined ? {} : { size }),
  siblings: [],
  metadata: { padding: "x".repeat(padding) },
})
const item = (resources: ReadonlyArray<Resource>): WorkItem => ({ schemaVersion: 1, source: "s", resources })

describe("batches", () => {
  it("are of one host, lose nothing, and take about the seconds that were asked for", () => {
    const resources = Array.from({ length: 1_000 }, (_, n) => resource(n, `h${n % 3}.fr`, (n % 50) * 100_000))
    const packed = batches([item(resources.slice(0, 400)), item(resources.slice(400))], 30)
    assert.sameMembers(
      packed.flatMap((one) => one.item.resources.map(({ id }) => id)),
      resources.map(({ id }) => id),
    )
    for (const { host, item: packedItem, seconds } of packed) {
      assert.isTrue(packedItem.resources.every(({ url }) => url.startsWith(`https://${host}/`)))
      assert.isBelow(seconds, 32)
    }
    assert.isAtMost(packed.filter(({ seconds }) => seconds < 30).length, 3)
  })
  it("fit an argument of a process, leave a large file alone, and are not more than an orchestrator maps over", () => {
    const wide = batches([item(Array.from({ length: 40 }, (_, n) => resource(n, "h.fr", 1, 20_000)))], 30)
    for (const one of wide) assert.isBelow(Buffer.byteLength(JSON.stringify(one.item)), 128 * 1024)
    assert.lengthOf(batches([item([resource(1, "h.fr", 1e9), resource(2, "h.fr", 1)])], 30), 2)
    const many = item(Array.from({ length: 3_000 }, (_, n) => resource(n, "h.fr", 200_000_000)))
    assert.isAtMost(batches([many], 30).length, 1_000)
  })
})

describe("parents", () => {
  it("are taken from what orchestrators pass, and left out when it is none", () => {
    const id = "0193a1e2-1111-7111-8111-111111111111"
    assert.deepStrictEqual(parseParent(`a/b/dag.task/${id}`), { namespace: "a/b", name: "dag.task", runId: id })
    for (const wrong of [undefined, "", "a", `dag/${id}`, "a/b/c"]) assert.isUndefined(parseParent(wrong))
    const span = parentSpan("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
    assert.deepInclude(span, { traceId: "4bf92f3577b34da6a3ce929d0e0e4736", spanId: "00f067aa0ba902b7", sampled: true })
    assert.isUndefined(parentSpan("garbage"))
  })
})

const config = (datasets: string) =>
  `{ network: { allowPrivate: ["127.0.0.1"] }, sources: [datagouv({ url: portal, datasets: ${datasets} })], sinks: [duckdb({ path: "./w.duckdb" })] }`

/** What was posted to a server on loopback, by path. */
const receiver = Effect.acquireRelease(
  Effect.promise(async () => {
    const posted: Array<{ readonly path: string; readonly body: string }> = []
    const server = createServer((request, response) => {
      let body = ""
      request.on("data", (chunk: Buffer) => (body += chunk.toString()))
      request.on("end", () => {
        posted.push({ path: request.url ?? "", body })
        response.end("{}")
      })
    })
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
    const address = server.address()
    if (address === null || typeof address === "string") throw new Error("no port")
    return { posted, url: `http://127.0.0.1:${address.port}`, server }
  }),
  ({ server }) => Effect.sync(() => server.close()),
)

describe("odh for an orchestrator", () => {
  it.effect("plans a manifest and batches; the manifest has the same bytes each time", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const portal = yield* portalWith({ files: corpus })
      yield* writeConfig(folder, portal.url, config(`["liste-des-gares", "jours-feries-en-france"]`))
      const plan = (name: string) =>
        odh(["plan", "--batch", "30", "--manifest", name, "--result", "plan.json"], { cwd: folder })
      const { code, err } = yield* plan("a.json")
      assert.strictEqual(code, 0, err)
      yield* plan("b.json")
      const text = readFileSync(join(folder, "a.json"), "utf8")
      assert.strictEqual(readFileSync(join(folder, "b.json"), "utf8"), text)
      const { sinks, groups } = JSON.parse(text) as {
        readonly sinks: unknown
        readonly groups: ReadonlyArray<{
          readonly name: string
          readonly datasets: ReadonlyArray<{ readonly slug: string }>
        }>
      }
      assert.deepStrictEqual(sinks, [{ id: "duckdb", oneProcess: true }])
      assert.deepStrictEqual(
        groups.map(({ name, datasets }) => [name, datasets.map(({ slug }) => slug)]),
        [["datagouv", ["jours-feries-en-france", "liste-des-gares"]]],
      )
      const result = JSON.parse(readFileSync(join(folder, "plan.json"), "utf8")) as {
        readonly items: ReadonlyArray<unknown>
        readonly batches: ReadonlyArray<{ readonly host: string }>
      }
      assert.strictEqual(result.items.length, result.batches.length)
      portal.misbehave("/api/*", { kind: "status", status: 503 })
      const down = yield* plan("a.json")
      assert.strictEqual(down.code, 75, down.err)
      assert.strictEqual(readFileSync(join(folder, "a.json"), "utf8"), text)
    }),
  )

  it.effect("leaves a result of the published schema when it fails", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      yield* writeConfig(folder, "", `{ lake: 1 }`)
      const { code } = yield* odh(["run", '{"schemaVersion":1,"source":"s","resources":[]}', "--result", "r.json"], {
        cwd: folder,
      })
      assert.strictEqual(code, 78)
      const result: unknown = JSON.parse(readFileSync(join(folder, "r.json"), "utf8"))
      const file = new URL(import.meta.resolve("@opendatahub-sql/core/run-result.schema.json"))
      const schema = new Ajv2020()
      schema.validate(JSON.parse(readFileSync(file, "utf8")) as object, result)
      assert.deepStrictEqual(schema.errors, null)
    }),
  )

  it.effect("tells lineage with schema, statistics and parents, and sends spans and metrics of the task's trace", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const portal = yield* portalWith({ files: corpus })
      yield* writeConfig(folder, portal.url, config(`["liste-des-gares"]`))
      const { posted, url } = yield* receiver
      const parent = "0193a1e2-1111-7111-8111-111111111111"
      const trace = "4bf92f3577b34da6a3ce929d0e0e4736"
      const { code, err } = yield* odh(["sync"], {
        cwd: folder,
        env: {
          OPENLINEAGE__TRANSPORT: JSON.stringify({ type: "file", log_file_path: join(folder, "lineage.ndjson") }),
          OPENLINEAGE_PARENT_ID: `odh/dag.task/${parent}`,
          OTEL_EXPORTER_OTLP_ENDPOINT: url,
          TRACEPARENT: `00-${trace}-00f067aa0ba902b7-01`,
        },
      })
      assert.strictEqual(code, 0, err)
      const events = jsonLines(yield* Effect.promise(() => readFile(join(folder, "lineage.ndjson"), "utf8")))
      assert.deepStrictEqual(
        events.map((event) => event["eventType"]),
        ["START", "START", "COMPLETE", "COMPLETE"],
      )
      const told = JSON.stringify(events[2])
      assert.include(told, '"rowCount":4148')
      assert.match(told, /"fields":\[\{"name":"/)
      assert.include(told, parent)
      assert.deepStrictEqual([...new Set(posted.map(({ path }) => path))].toSorted(), ["/v1/metrics", "/v1/traces"])
      const spans = posted.filter(({ path }) => path === "/v1/traces").map(({ body }) => body)
      const traces = new Set(spans.flatMap((body) => [...body.matchAll(/"traceId":"(\w+)"/g)].map((found) => found[1])))
      assert.deepStrictEqual([...traces], [trace])
      assert.match(spans.join(), /"name":"odh sync"/)
      assert.match(posted.map(({ body }) => body).join(), /odh_rows_loaded/)
    }),
  )

  it.effect("goes on when the lineage server is down", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const portal = yield* portalWith({ files: corpus })
      yield* writeConfig(folder, portal.url, config(`["liste-des-gares"]`))
      const { code, err } = yield* odh(["sync"], { cwd: folder, env: { OPENLINEAGE_URL: "http://127.0.0.1:9" } })
      assert.strictEqual(code, 0, err)
      assert.lengthOf(err.match(/lineage events cannot be sent/g) ?? [], 1)
      const closing = yield* odh(["lineage", "close"], { cwd: folder })
      assert.deepStrictEqual(
        [closing.code, /no lineage server is configured/.test(closing.out)],
        [0, true],
        closing.err,
      )
    }),
  )
})
