import { assert, describe, it } from "@effect/vitest"
import { Fetch } from "@opendatahub-sql/core"
import { type FetchOptions, layer, openHostBook } from "@opendatahub-sql/fetch"
import * as Effect from "effect/Effect"
import { spawn } from "node:child_process"
import { join } from "node:path"
import { download, instantClock, temporaryFolder } from "./support/downloading.ts"
import { bytesOf, fileHandler, type Handler, serve } from "./support/hostile-server.ts"
import * as Clock from "effect/Clock"

const whole = fileHandler(bytesOf(1_000), () => ({ etag: '"a"' }))
const program = new URL("./support/download-many.ts", import.meta.url).pathname

/** Counts the requests that are open at once; each takes `ms`. */
const counting = (ms: number) => {
  const seen = { now: 0, most: 0 }
  const handler: Handler = (request, response, turn) => {
    seen.now += 1
    seen.most = Math.max(seen.most, seen.now)
    setTimeout(() => {
      seen.now -= 1
      whole(request, response, turn)
    }, ms)
  }
  return { seen, handler }
}

const inProcess = (args: ReadonlyArray<string>) => {
  const child = spawn(process.execPath, ["--conditions=@opendatahub-sql/source", "--no-warnings", program, ...args])
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve))
  return { child, ended }
}

describe("one host", () => {
  it.live(
    "is never asked more than the limit at once, by three processes together",
    () =>
      Effect.gen(function* () {
        const { seen, handler } = counting(15)
        const server = yield* serve(handler)
        const folder = yield* temporaryFolder
        const book = join(folder, "hosts.sqlite")
        const codes = yield* Effect.promise(() =>
          Promise.all([1, 2, 3].map(() => inProcess([`${server.url}/f`, "20", folder, book, "3"]).ended)),
        )
        assert.deepStrictEqual(codes, [0, 0, 0])
        assert.strictEqual(server.seen.length, 60)
        assert.isTrue(seen.most > 1 && seen.most <= 3, `${seen.most} at once`)
      }),
    120_000,
  )

  it.live(
    "gets back the turns of a process that was killed",
    () =>
      Effect.gen(function* () {
        let heard = () => {}
        const asked = new Promise<void>((resolve) => {
          heard = resolve
        })
        const server = yield* serve((request, response, turn) =>
          turn === 0 ? heard() : whole(request, response, turn),
        )
        const folder = yield* temporaryFolder
        const book = join(folder, "hosts.sqlite")
        const { child, ended } = inProcess([`${server.url}/f`, "1", folder, book, "1"])
        yield* Effect.promise(() => asked)
        child.kill("SIGKILL")
        yield* Effect.promise(() => ended)
        const result = yield* download(`${server.url}/g`, { folder }, { hostBook: book, perHost: 1 })
        assert.strictEqual(result._tag, "Downloaded")
      }),
    120_000,
  )

  /** Downloads of one layer, one after the other; waits take no time. */
  const inARow = (urls: ReadonlyArray<string>, folder: string, settings: FetchOptions) =>
    Fetch.use((fetch) =>
      Effect.forEach(urls, (url) => Effect.result(fetch.download({ url, name: "f.csv" }, { folder }))),
    ).pipe(
      Effect.provide(layer({ allowPrivate: ["127.0.0.1"], ...settings })),
      Effect.provideService(Clock.Clock, instantClock([])),
    )

  it.effect("that fails for five files is left alone, tells why, and is asked once by each new process", () =>
    Effect.gen(function* () {
      let well = false
      const server = yield* serve((request, response, turn) =>
        well ? whole(request, response, turn) : void response.writeHead(500).end(),
      )
      const folder = yield* temporaryFolder
      const settings = { hostBook: join(folder, "hosts.sqlite"), retries: 0 }
      const urls = Array.from({ length: 12 }, (_, index) => `${server.url}/${index}.csv`)
      const results = yield* inARow(urls, folder, settings)
      assert.strictEqual(server.seen.length, 5)
      const last = results.at(-1)
      if (last?._tag !== "Failure") return assert.fail("it did not fail")
      assert.strictEqual(last.failure.reason._tag, "Transient")
      assert.match(
        last.failure.message,
        /failed again and again \(it answered 500\), so it is left alone for 1\d\d s more/,
      )

      const book = openHostBook(settings.hostBook, 4)
      assert.isAbove(book.hosts().get(new URL(server.url).host)?.openUntil ?? 0, Date.now())
      book.close()

      yield* inARow(urls, folder, settings)
      assert.strictEqual(server.seen.length, 6, "a new process asks once")
      well = true
      const healed = yield* inARow(urls, folder, settings)
      assert.isTrue(healed.every((result) => result._tag === "Success"))
    }),
  )

  it.live("that bears two at once is served to the end, with few refusals", () =>
    Effect.gen(function* () {
      let open = 0
      let refused = 0
      const server = yield* serve((request, response, turn) => {
        open += 1
        const tooMany = open > 2
        setTimeout(() => {
          open -= 1
          if (!tooMany) return whole(request, response, turn)
          refused += 1
          response.writeHead(429).end()
        }, 5)
      })
      const folder = yield* temporaryFolder
      const files = yield* Fetch.use((fetch) =>
        Effect.forEach(
          Array.from({ length: 100 }, (_, index) => `${server.url}/${index}.csv`),
          (url) => fetch.download({ url, name: "f.csv" }, { folder }),
          { concurrency: "unbounded" },
        ),
      ).pipe(Effect.provide(layer({ allowPrivate: ["127.0.0.1"], perHost: 8, firstWait: 20 })))
      assert.lengthOf(files, 100)
      assert.isBelow(refused, 50)
    }),
  )

  it("without a place for the book is asked all the same", () => {
    const book = openHostBook(join(program, "hosts.sqlite"), 4)
    assert.strictEqual(
      book.change("a", (pace, running) => ({ value: running, pace })),
      0,
    )
    book.close()
  })
})
