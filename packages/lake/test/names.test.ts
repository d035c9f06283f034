import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { compactTime, extensionOf, segment } from "../src/layout.ts"
import { stripSecrets } from "../src/secrets.ts"
import { downloaded, keepText, keyOf, resource, temporaryFolder, withLake } from "./lake-in-a-folder.ts"

const HOSTILE = [
  "..",
  ".",
  "",
  "../../etc/passwd",
  "a/b",
  "a\\b",
  "C:\\x",
  "nul\u0000byte",
  "\n",
  "é".repeat(300),
  "%2e%2e",
  "a%",
  "~root",
  " spaced ",
  "CON",
  "\ud800",
  "😀",
  "x".repeat(5000),
  "resource=1",
  ".hidden",
  "-rf",
]

describe("names from outside", () => {
  it.effect.prop("become one safe segment each", [Schema.String], ([name]) =>
    Effect.sync(() => {
      const encoded = segment(name)
      assert.match(encoded, /^[A-Za-z0-9_%~-]?([A-Za-z0-9_.%~-]*[A-Za-z0-9_%~-])?$/)
      assert.isAtMost(encoded.length, 120)
      const isText = Buffer.from(name).toString() === name
      if (!encoded.includes("~") && isText) assert.strictEqual(decodeURIComponent(encoded), name)
    }),
  )

  it("stay apart when they are too long to be kept whole", () => {
    assert.notStrictEqual(segment(`${"x".repeat(500)}1`), segment(`${"x".repeat(500)}2`))
    assert.strictEqual(decodeURIComponent(segment("é".repeat(300)).split("~")[0] ?? ""), "é".repeat(16))
  })

  it.effect("never lead out of the lake, and come back whole", () =>
    Effect.gen(function* () {
      const parent = yield* temporaryFolder
      const folder = join(parent, "lake")
      for (const name of HOSTILE) {
        const one = resource({ source: name, dataset: { id: name, slug: name, title: name }, id: name, format: name })
        const [found] = yield* withLake(
          folder,
          (lake) =>
            Effect.gen(function* () {
              yield* lake.keep(one, downloaded(lake.workFolder, `bytes of ${name}`, { name }), {})
              yield* lake.record({
                _tag: "Seen",
                at: "2026-11-25T00:00:00.000Z",
                run: name,
                ...keyOf(one),
                extractedAt: "2026-11-25T00:00:00.000Z",
                how: "same-bytes",
              })
              return yield* lake.extractions(keyOf(one))
            }),
          { run: name },
        )
        assert.strictEqual(found?.resource.id, name)
        assert.strictEqual(found?.file.name, name)
        assert.isTrue(found?.file.path.startsWith("raw/source="))
      }
      assert.deepStrictEqual(readdirSync(parent), ["lake"])
      assert.deepStrictEqual(
        readdirSync(folder)
          .filter((name) => !name.startsWith("state.sqlite"))
          .toSorted(),
        ["events", "extractions", "lake.json", "raw", "work"],
      )
    }),
  )

  it("give the extension, double where it compresses", () => {
    const cases: ReadonlyArray<readonly [string, string | undefined, string]> = [
      ["lieux-2023.csv", undefined, "csv"],
      ["RNA.CSV.GZ", undefined, "csv.gz"],
      ["archive.tar.gz", undefined, "tar.gz"],
      ["export", "GeoJSON", "geojson"],
      ["export.csv?token=1", undefined, "bin"],
      ["../../x.sh/..", "../csv", "bin"],
      [".csv", undefined, "csv"],
      ["v1.2", undefined, "2"],
    ]
    for (const [name, format, extension] of cases) assert.strictEqual(extensionOf(name, format), extension, name)
  })

  it("give times that sort", () => assert.strictEqual(compactTime("2026-11-25T13:05:01.123Z"), "20261125T130501123Z"))
})

describe("secrets", () => {
  it("are taken out of URLs, and nothing else is", () => {
    const cases: ReadonlyArray<readonly [string, string]> = [
      ["https://user:pass@host.fr/a.csv", "https://host.fr/a.csv"],
      ["https://host.fr/a.csv?code=75056&sr=4326#top", "https://host.fr/a.csv?code=75056&sr=4326#top"],
      ["https://host.fr/a.csv?api_key=1&page=2", "https://host.fr/a.csv?page=2"],
      ["https://host.fr/a.csv?apikey=1", "https://host.fr/a.csv"],
      ["https://s3.fr/a?X-Amz-Signature=1&X-Amz-Credential=2&versionId=3", "https://s3.fr/a?versionId=3"],
      ["https://x.blob.core.windows.net/a?sv=2020&sr=b&sig=abc&se=2026", "https://x.blob.core.windows.net/a"],
      ["https://host.fr/?%61ccess_token=1&q=%", "https://host.fr/?q=%"],
      ["https://host.fr/#access_token=1", "https://host.fr/"],
      ["see https://u:p@a.fr/x and https://b.fr/y?token=1.", "see https://a.fr/x and https://b.fr/y"],
      ["https://host.fr/@user?x=a@b", "https://host.fr/@user?x=a@b"],
      ["auteur=Zola token=1", "auteur=Zola token=1"],
    ]
    for (const [from, to] of cases) assert.strictEqual(stripSecrets(from), to)
  })

  it("are looked for in linear time", () => {
    const started = performance.now()
    stripSecrets(`${"a.".repeat(500_000)}://`)
    assert.isBelow(performance.now() - started, 2_000)
  })

  it.effect("are in no file of the lake", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const url = "https://SECRET:SECRET@host.fr/a.csv?token=SECRET&page=1"
      const one = resource({
        url,
        metadata: { url, nested: [{ harvest: { remote_url: url } }] },
        siblings: [resource({ url, metadata: { url } })],
        dataset: { id: "d", slug: "d", title: "d", page: url },
      })
      yield* withLake(folder, (lake) =>
        Effect.gen(function* () {
          yield* keepText(lake, "A", one, {
            finalUrl: url,
            headers: { "set-cookie": "session=SECRET", location: url, etag: "1" },
          })
          yield* lake.record({
            _tag: "Failed",
            at: "2026-11-25T00:00:00.000Z",
            run: "r",
            ...keyOf(one),
            stage: "fetch",
            failure: { message: `GET ${url} failed` },
          })
        }),
      )
      const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
      assert.isAbove(files.length, 3)
      for (const file of files)
        assert.notInclude(readFileSync(join(file.parentPath, file.name), "latin1"), "SECRET", file.name)
    }),
  )
})
