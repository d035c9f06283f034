import { assert, describe, it } from "@effect/vitest"
import { dataset } from "@opendatahub-sql/testkit/datagouv"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { rowReader } from "../src/catalogue/csv-rows.ts"
import { isBeside } from "../src/catalogue/export.ts"
import { csv, discover, failures, portal, resources, titles } from "./replica.ts"

const organization = { id: "534fff91a3a7292c64a77f53", name: "Étalab", slug: "etalab", fields: {} }

/** Forty datasets of five files each, and three that nobody may get. */
const filled = Effect.gen(function* () {
  const replica = yield* portal()
  for (let n = 0; n < 40; n++) {
    replica.add(
      dataset({
        slug: `jeu-${n}`,
        title: `Jeu n° ${n}; « avec "guillemets" »\net deux lignes`,
        ...(n % 2 === 0 ? { organization } : {}),
        resources: Array.from({ length: 5 }, (_, file) => ({
          title: `fichier-${n}-${file}.${file === 4 ? "pdf" : "csv"}`,
          content: csv,
        })),
      }),
    )
  }
  replica.archive("jeu-1")
  replica.delete("jeu-3")
  replica.makePrivate("jeu-5")
  replica.clear()
  return replica
})

describe("everything", () => {
  it.effect(
    "is read from one export, whatever the number of datasets; archived, deleted and private ones are not in it",
    () =>
      Effect.gen(function* () {
        const replica = yield* filled
        const found = yield* discover(replica, { everything: [{ format: "csv" }] })
        assert.deepStrictEqual(failures(found), [])
        assert.lengthOf(titles(found), 37 * 4)
        assert.deepStrictEqual(
          replica.requests.map(({ path }) => path),
          ["/api/1/site/resources.csv", "/exports/resources.csv"],
        )
        const [first] = resources(found)
        const [same] = resources(yield* discover(replica, {}, first?.dataset.id ?? ""))
        for (const key of [
          "id",
          "portalId",
          "title",
          "url",
          "format",
          "mediaType",
          "size",
          "checksum",
          "lastModified",
        ] as const)
          assert.deepStrictEqual(first?.[key], same?.[key], `${key} is as the API says`)
        assert.strictEqual(first?.dataset.title, same?.dataset.title, "a title of two lines, with quotes")
      }),
  )

  it.effect("is narrowed by organisation and dataset; a dataset with an entry of its own belongs to that", () =>
    Effect.gen(function* () {
      const replica = yield* filled
      const found = yield* discover(replica, {
        datasets: [{ id: "jeu-0", resources: { title: "fichier-0-0*" } }],
        everything: [{ organization: "etalab", dataset: ["jeu-0", "jeu-2", "jeu-7"], title: "*-1.csv" }],
      })
      assert.deepStrictEqual(titles(found), ["fichier-0-0.csv", "fichier-2-1.csv"])
      const selected = yield* discover(replica, { everything: [{ title: "*-1.csv" }] }, "jeu-2")
      assert.deepStrictEqual(titles(selected), ["fichier-2-1.csv"], "a selection obeys the same rule")
    }),
  )

  it.live("is read again when it is cut, each file found once; one that stays cut is one failure", () =>
    Effect.gen(function* () {
      const replica = yield* filled
      replica.misbehave("/exports/resources.csv", { kind: "cut", afterBytes: 20_000 }, 1)
      const found = yield* discover(replica, { everything: [{ format: "csv" }] })
      assert.deepStrictEqual([failures(found), titles(found).length], [[], 37 * 4])
      replica.misbehave("/exports/resources.csv", { kind: "cut", afterBytes: 20_000 })
      const cut = yield* discover(replica, { everything: [{ format: "csv" }] })
      assert.deepStrictEqual(
        failures(cut).map(({ reason }) => reason),
        ["Transient"],
      )
      assert.isAbove(titles(cut).length, 0, "what came before the cut is found")
    }),
  )

  it.effect("that matches nothing is told, and so is a portal without exports", () =>
    Effect.gen(function* () {
      const replica = yield* filled
      const [nothing] = failures(yield* discover(replica, { everything: [{ title: "jamais" }] }))
      assert.match(nothing?.message ?? "", /everything\[0\] matches nothing/)
      replica.misbehave("/api/1/site/resources.csv", { kind: "status", status: 404 })
      const [without] = failures(yield* discover(replica, { everything: [{}] }))
      assert.deepInclude(without, { reason: "Config" })
      assert.match(without?.message ?? "", /answers 404/)
    }),
  )

  it("is never sought on a host that is not the portal's", () => {
    const www = new URL("https://www.data.gouv.fr")
    assert.isTrue(isBeside(www, new URL("https://static.data.gouv.fr/x.csv")))
    assert.isTrue(isBeside(www, new URL("http://www.data.gouv.fr/x.csv")))
    for (const other of [
      "http://static.data.gouv.fr/x",
      "https://data.gouv.fr.example.org/x",
      "https://gouv.fr/x",
      "http://169.254.169.254/x",
    ])
      assert.isFalse(isBeside(www, new URL(other)), other)
    assert.isFalse(isBeside(new URL("http://127.0.0.1:1"), new URL("https://10.0.0.1/x")))
  })
})

describe("the catalogue", () => {
  it.effect("is three resources of its own, alone when it is selected", () =>
    Effect.gen(function* () {
      const replica = yield* filled
      const found = yield* discover(replica, { catalogue: true })
      assert.deepStrictEqual(
        resources(found).map(({ into }) => into),
        ["catalogue_datasets", "catalogue_resources", "catalogue_organizations"],
      )
      assert.lengthOf(yield* discover(replica, { catalogue: true }, "catalogue"), 3)
      assert.deepStrictEqual(replica.requests, [], "nothing is asked to know it")
    }),
  )
})

describe("records of an export", () => {
  const quote = (cell: string): string => `"${cell.replaceAll('"', '""')}"`
  it.effect.prop(
    "are the same for any split of the text",
    {
      rows: Schema.Array(Schema.Tuple([Schema.String, Schema.String])),
      size: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 7 })),
      end: Schema.Literals(["\n", "\r\n"]),
    },
    ({ rows, size, end }) =>
      Effect.sync(() => {
        const text = rows.map((row) => `${row.map(quote).join(";")}${end}`).join("")
        const reader = rowReader()
        const read: Array<ReadonlyArray<string>> = []
        for (let at = 0; at < text.length; at += size) read.push(...reader.read(text.slice(at, at + size)))
        assert.deepStrictEqual<ReadonlyArray<ReadonlyArray<string>>>([...read, ...(reader.end() ?? [])], rows)
      }),
  )

  it("may be bare; one that stops inside a cell is none", () => {
    const reader = rowReader()
    assert.deepStrictEqual(reader.read('a;False;12\n"b'), [["a", "False", "12"]])
    assert.strictEqual(reader.end(), undefined)
  })
})
