import { assert, describe, it } from "@effect/vitest"
import { dataset, startDatagouv } from "../src/datagouv.ts"
import type { DatasetInput, Portal } from "../src/datagouv.ts"
import { covid, covidFile } from "./corpus.ts"

type Page = {
  readonly data: ReadonlyArray<Record<string, unknown>>
  readonly next_page: string | null
  readonly previous_page: string | null
  readonly total: number
  readonly page_size: number
}

const jsonOf = async <Shape>(url: string, headers: Record<string, string> = {}): Promise<Shape> =>
  (await fetch(url, { headers })).json() as Promise<Shape>

const statusOf = async (url: string, headers: Record<string, string> = {}): Promise<number> =>
  (await fetch(url, { redirect: "manual", headers })).status

/** A portal with `count` small datasets, "n-0" created first. */
const small = async (count: number, more: (index: number) => Partial<DatasetInput> = () => ({})): Promise<Portal> => {
  const portal = await startDatagouv({ catalogue: false, apiKey: "secret" })
  for (let index = 0; index < count; index += 1) {
    portal.add(
      dataset({
        slug: `n-${index}`,
        title: `Number ${index}`,
        createdAt: `2020-01-01T00:00:${String(index).padStart(2, "0")}+00:00`,
        ...more(index),
      }),
    )
  }
  return portal
}

const slugs = (page: Page) => page.data.map((one) => one["slug"])

const manyResources = {
  resources: Array.from({ length: 120 }, (_, index) => ({
    title: `part-${index}.csv`,
    type: index < 100 ? ("main" as const) : ("documentation" as const),
  })),
}

describe("paging", () => {
  it("gives 20 datasets a page by default", async () => {
    await using portal = await small(25)
    assert.strictEqual((await jsonOf<Page>(`${portal.url}/api/1/datasets/`)).data.length, 20)
  })

  it("takes any page_size", async () => {
    await using portal = await small(25)
    assert.strictEqual((await jsonOf<Page>(`${portal.url}/api/1/datasets/?page_size=5000`)).data.length, 25)
  })

  it("links to an absolute next page that keeps the query, unknown parameters too", async () => {
    await using portal = await small(5, () => ({ tags: ["a"] }))
    const page = await jsonOf<Page>(`${portal.url}/api/1/datasets/?tag=a&page_size=2&colour=blue`)
    const next = new URL(page.next_page ?? "")
    assert.strictEqual(next.origin, portal.url)
    assert.deepStrictEqual(Object.fromEntries(next.searchParams), {
      tag: "a",
      page_size: "2",
      colour: "blue",
      page: "2",
    })
  })

  it("walks a list once from next_page to next_page", async () => {
    await using portal = await small(7)
    const seen: Array<unknown> = []
    for (let url: string | null = `${portal.url}/api/1/datasets/?page_size=3`; url !== null;) {
      const page: Page = await jsonOf<Page>(url)
      seen.push(...slugs(page))
      url = page.next_page
    }
    assert.deepStrictEqual(seen, ["n-6", "n-5", "n-4", "n-3", "n-2", "n-1", "n-0"])
  })

  it("answers 404 past the last page, on v1 and v2", async () => {
    await using portal = await small(3)
    assert.strictEqual(await statusOf(`${portal.url}/api/1/datasets/?page=2`), 404)
    assert.strictEqual(await statusOf(`${portal.url}/api/2/datasets/?page=2`), 404)
  })

  it("answers 200 on page 1 of nothing", async () => {
    await using portal = await small(0)
    assert.deepStrictEqual((await jsonOf<Page>(`${portal.url}/api/1/datasets/`)).data, [])
  })

  it.each(["page=0", "page=-1", "page=two", "page_size=0", "page_size=x"])(
    "refuses %s with 400 and the field's name",
    async (query) => {
      await using portal = await small(1)
      const response = await fetch(`${portal.url}/api/1/datasets/?${query}`)
      const body = (await response.json()) as { readonly errors: Record<string, ReadonlyArray<string>> }
      assert.strictEqual(response.status, 400)
      assert.hasAllKeys(body.errors, [query.split("=")[0] ?? ""])
    },
  )
})

describe("lists", () => {
  it("put the newest creation first", async () => {
    await using portal = await small(3)
    assert.deepStrictEqual(slugs(await jsonOf<Page>(`${portal.url}/api/1/datasets/`)), ["n-2", "n-1", "n-0"])
  })

  it("sort by title on demand", async () => {
    await using portal = await small(3)
    assert.deepStrictEqual(slugs(await jsonOf<Page>(`${portal.url}/api/1/datasets/?sort=title`)), ["n-0", "n-1", "n-2"])
  })

  it("refuse an unknown sort", async () => {
    await using portal = await small(1)
    assert.strictEqual(await statusOf(`${portal.url}/api/1/datasets/?sort=size`), 400)
  })

  it("find all words of q, accents and case aside", async () => {
    await using portal = await small(3, (index) => ({
      title: ["Écoles de Lyon", "Écoles de Brest", "Rues de Lyon"][index] ?? "",
    }))
    assert.deepStrictEqual(slugs(await jsonOf<Page>(`${portal.url}/api/1/datasets/?q=lyon+ecoles`)), ["n-0"])
  })

  it("want every tag that is asked for", async () => {
    await using portal = await small(2, (index) => ({ tags: index === 0 ? ["a", "b"] : ["a"] }))
    assert.deepStrictEqual(slugs(await jsonOf<Page>(`${portal.url}/api/1/datasets/?tag=a&tag=b`)), ["n-0"])
  })

  it("filter by the exact format of a resource", async () => {
    await using portal = await small(2, (index) => ({ resources: [{ title: index === 0 ? "a.csv.gz" : "a.csv" }] }))
    assert.deepStrictEqual(slugs(await jsonOf<Page>(`${portal.url}/api/1/datasets/?format=csv.gz`)), ["n-0"])
  })

  it("filter by schema, licence and featured", async () => {
    await using portal = await small(3, (index) => ({
      license: index === 1 ? "odc-odbl" : "lov2",
      fields: { featured: index === 2 },
      resources: [{ title: "a.csv", ...(index === 0 ? { schema: { name: "etalab/schema-irve-statique" } } : {}) }],
    }))
    const list = async (query: string) => slugs(await jsonOf<Page>(`${portal.url}/api/1/datasets/?${query}`))
    assert.deepStrictEqual(await list("schema=etalab/schema-irve-statique"), ["n-0"])
    assert.deepStrictEqual(await list("license=odc-odbl"), ["n-1"])
    assert.deepStrictEqual(await list("featured=true"), ["n-2"])
  })

  it("take an organisation by id and refuse its slug", async () => {
    await using portal = await startDatagouv()
    const { id } = await jsonOf<{ readonly id: string }>(`${portal.url}/api/1/organizations/sante-publique-france/`)
    assert.include(
      slugs(await jsonOf<Page>(`${portal.url}/api/1/datasets/?organization=${id}`)),
      "donnees-hospitalieres-relatives-a-lepidemie-de-covid-19",
    )
    assert.strictEqual(await statusOf(`${portal.url}/api/1/datasets/?organization=sante-publique-france`), 400)
  })

  it("hide private, deleted and archived datasets", async () => {
    await using portal = await small(4, (index) => ({ id: String(index).repeat(24) }))
    portal.makePrivate("0".repeat(24))
    portal.delete("1".repeat(24))
    portal.archive("2".repeat(24))
    assert.deepStrictEqual(slugs(await jsonOf<Page>(`${portal.url}/api/1/datasets/`)), ["n-3"])
  })

  it("refuse archived=true without a key and show the archived with it", async () => {
    await using portal = await small(2)
    portal.archive("n-0")
    assert.strictEqual(await statusOf(`${portal.url}/api/1/datasets/?archived=true`), 401)
    assert.deepStrictEqual(
      slugs(await jsonOf<Page>(`${portal.url}/api/1/datasets/?archived=true`, { "X-API-KEY": "secret" })),
      ["n-0"],
    )
  })

  it("find organisations by words", async () => {
    await using portal = await startDatagouv()
    assert.deepStrictEqual(slugs(await jsonOf<Page>(`${portal.url}/api/1/organizations/?q=sante+publique`)), [
      "sante-publique-france",
    ])
  })
})

describe("one dataset", () => {
  it("is found by id and by slug", async () => {
    await using portal = await small(1)
    const { id } = await jsonOf<{ readonly id: string }>(`${portal.url}/api/1/datasets/n-0/`)
    assert.strictEqual((await jsonOf<{ readonly slug: string }>(`${portal.url}/api/1/datasets/${id}/`)).slug, "n-0")
  })

  it("carries all its resources inline in v1", async () => {
    await using portal = await small(1, () => manyResources)
    assert.strictEqual(
      (await jsonOf<{ readonly resources: ReadonlyArray<unknown> }>(`${portal.url}/api/1/datasets/n-0/`)).resources
        .length,
      120,
    )
  })

  it("carries a link to its resources in v2", async () => {
    await using portal = await small(1, () => manyResources)
    const { id, resources } = await jsonOf<{ readonly id: string; readonly resources: Record<string, unknown> }>(
      `${portal.url}/api/2/datasets/n-0/`,
    )
    assert.deepStrictEqual(resources, {
      rel: "subsection",
      href: `${portal.url}/api/2/datasets/${id}/resources/?page=1&page_size=50`,
      type: "GET",
      total: 120,
    })
  })

  it("redirects to the trailing slash with an absolute URL", async () => {
    await using portal = await small(1)
    const response = await fetch(`${portal.url}/api/1/datasets/n-0?lang=fr`, { redirect: "manual" })
    assert.strictEqual(response.status, 308)
    assert.strictEqual(response.headers.get("location"), `${portal.url}/api/1/datasets/n-0/?lang=fr`)
  })

  it("redirects from an old slug with a relative URL", async () => {
    await using portal = await small(1)
    portal.rename("n-0", "nouveau")
    const response = await fetch(`${portal.url}/api/1/datasets/n-0/`, { redirect: "manual" })
    assert.strictEqual(response.status, 308)
    assert.strictEqual(response.headers.get("location"), "/api/1/datasets/nouveau/")
  })

  it("is 404 with a message when there is none", async () => {
    await using portal = await small(0)
    const response = await fetch(`${portal.url}/api/1/datasets/nothing/`)
    assert.strictEqual(response.status, 404)
    assert.hasAllKeys(await response.json(), ["message"])
  })

  it("is 410 once deleted, in v1 and v2, and 200 with the key", async () => {
    await using portal = await small(1)
    portal.delete("n-0")
    assert.strictEqual(await statusOf(`${portal.url}/api/1/datasets/n-0/`), 410)
    assert.strictEqual(await statusOf(`${portal.url}/api/2/datasets/n-0/`), 410)
    assert.strictEqual(await statusOf(`${portal.url}/api/1/datasets/n-0/`, { "X-API-KEY": "secret" }), 200)
  })

  it("is 404 while private", async () => {
    await using portal = await small(1)
    portal.makePrivate("n-0")
    assert.strictEqual(await statusOf(`${portal.url}/api/1/datasets/n-0/`), 404)
  })

  it("is 200 with its date once archived", async () => {
    await using portal = await small(1)
    portal.archive("n-0")
    assert.isString((await jsonOf<{ readonly archived: unknown }>(`${portal.url}/api/1/datasets/n-0/`)).archived)
  })

  it("is 401 to a wrong key", async () => {
    await using portal = await small(1)
    assert.strictEqual(await statusOf(`${portal.url}/api/1/datasets/n-0/`, { "X-API-KEY": "wrong" }), 401)
  })

  it("shows licence and frequency as objects on v2 when asked", async () => {
    await using portal = await small(1, () => ({ frequency: "daily" }))
    const full = { "X-Get-Datasets-Full-Objects": "True" }
    const v2 = await jsonOf<Record<string, Record<string, unknown>>>(`${portal.url}/api/2/datasets/n-0/`, full)
    assert.strictEqual(v2["license"]?.["id"], "lov2")
    assert.strictEqual(v2["frequency"]?.["id"], "daily")
    assert.strictEqual(
      (await jsonOf<Record<string, unknown>>(`${portal.url}/api/1/datasets/n-0/`, full))["license"],
      "lov2",
    )
  })
})

describe("resources", () => {
  it("come by 50 in v2", async () => {
    await using portal = await small(1, () => manyResources)
    const page = await jsonOf<Page>(`${portal.url}/api/2/datasets/n-0/resources/`)
    assert.strictEqual(page.data.length, 50)
    assert.strictEqual(page.total, 120)
  })

  it("are an empty page past the end in v2", async () => {
    await using portal = await small(1, () => manyResources)
    const response = await fetch(`${portal.url}/api/2/datasets/n-0/resources/?page=4`)
    assert.strictEqual(response.status, 200)
    assert.deepStrictEqual(((await response.json()) as Page).data, [])
  })

  it("are filtered by type and words in v2", async () => {
    await using portal = await small(1, () => manyResources)
    const page = await jsonOf<Page>(`${portal.url}/api/2/datasets/n-0/resources/?type=documentation&q=PART-11`)
    assert.deepStrictEqual(
      page.data.map((one) => one["title"]),
      Array.from({ length: 10 }, (_, index) => `part-${110 + index}.csv`),
    )
  })

  it("list a new one first", async () => {
    await using portal = await small(1, () => ({ resources: [{ title: "old.csv" }] }))
    const id = portal.addResource("n-0", { title: "new.csv", content: { bytes: "a\n1\n" } })
    const { resources } = await jsonOf<{ readonly resources: ReadonlyArray<Record<string, unknown>> }>(
      `${portal.url}/api/1/datasets/n-0/`,
    )
    assert.strictEqual(resources[0]?.["id"], id)
  })

  it("redirect from the permalink to the file", async () => {
    await using portal = await startDatagouv()
    const response = await fetch(`${portal.url}/api/1/datasets/r/${covidFile}`, { redirect: "manual" })
    assert.strictEqual(response.status, 302)
    assert.strictEqual(response.headers.get("location"), portal.resource(covidFile)["url"])
  })

  it.each(["delete", "makePrivate", "archive"] as const)("still redirect after %s of their dataset", async (hide) => {
    await using portal = await startDatagouv()
    portal[hide](covid)
    assert.strictEqual(await statusOf(`${portal.url}/api/1/datasets/r/${covidFile}`), 302)
  })

  it("are 404 at their permalink once removed", async () => {
    await using portal = await startDatagouv()
    portal.removeResource(covidFile)
    assert.strictEqual(await statusOf(`${portal.url}/api/1/datasets/r/${covidFile}`), 404)
  })

  it("are 410 by id when their dataset is deleted", async () => {
    await using portal = await startDatagouv()
    portal.delete(covid)
    assert.strictEqual(await statusOf(`${portal.url}/api/1/datasets/${covid}/resources/${covidFile}/`), 410)
    assert.strictEqual(await statusOf(`${portal.url}/api/2/datasets/resources/${covidFile}/`), 410)
  })
})

describe("X-Fields", () => {
  it("keeps what the mask names and drops unknown names silently", async () => {
    await using portal = await small(1)
    const page = await jsonOf<unknown>(`${portal.url}/api/1/datasets/`, { "X-Fields": "data{slug,nothing},next_page" })
    assert.deepStrictEqual(page, { data: [{ slug: "n-0" }], next_page: null })
  })

  it("goes into nested objects and lists", async () => {
    await using portal = await small(1, () => ({ resources: [{ title: "a.csv", content: { bytes: "a\n" } }] }))
    const answer = await jsonOf<unknown>(`${portal.url}/api/1/datasets/n-0/`, {
      "X-Fields": "{resources{title,checksum{type}}}",
    })
    assert.deepStrictEqual(answer, { resources: [{ title: "a.csv", checksum: { type: "sha1" } }] })
  })

  it("gives everything for a star", async () => {
    await using portal = await small(1)
    const whole = await jsonOf<unknown>(`${portal.url}/api/1/datasets/n-0/`)
    assert.deepStrictEqual(await jsonOf<unknown>(`${portal.url}/api/1/datasets/n-0/`, { "X-Fields": "{*}" }), whole)
  })

  it.each(["data{id", "data}", "{", "data{},id", "a,,b"])("refuses the broken mask %s", async (mask) => {
    await using portal = await small(1)
    assert.strictEqual(await statusOf(`${portal.url}/api/1/datasets/`, { "X-Fields": mask }), 400)
  })
})

describe("headers of API answers", () => {
  it("vary by origin and cookie and carry no validator", async () => {
    await using portal = await small(1)
    const { headers } = await fetch(`${portal.url}/api/1/datasets/n-0/`)
    assert.strictEqual(headers.get("vary"), "Origin, Cookie")
    for (const name of ["etag", "last-modified", "cache-control"]) assert.isNull(headers.get(name))
  })

  it("do not answer 304 to a conditional request", async () => {
    await using portal = await small(1)
    assert.strictEqual(
      await statusOf(`${portal.url}/api/1/datasets/n-0/`, {
        "If-Modified-Since": new Date().toUTCString(),
        "If-None-Match": "*",
      }),
      200,
    )
  })
})
