import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { appendFileSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs"
import type { ServerResponse } from "node:http"
import { hostname } from "node:os"
import { join } from "node:path"
import { isAtWork, self } from "../src/file/owner.ts"
import { createInterface } from "node:readline"
import { download, temporaryFolder } from "./support/downloading.ts"
import { bytesOf, fileHandler, type Handler, serve, sha256 } from "./support/hostile-server.ts"

/** A process that downloads, and prints a line at each progress. */
const child = (server: string, folder: string) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const script = new URL("./support/download-process.ts", import.meta.url).pathname
      const condition = ["--conditions", "@opendatahub-sql/source"]
      return spawn(process.execPath, [...condition, script, `${server}/file.csv`, folder], {
        stdio: ["ignore", "pipe", "inherit"],
      })
    }),
    (running) => Effect.sync(() => running.kill("SIGKILL")),
  )

const size = 300_000
const content = bytesOf(size)

/** Sends 100,000 bytes to the first request and then nothing, without closing. */
const stallOnce: Handler = (request, response, turn) => {
  if (turn > 0) return fileHandler(content, () => ({ etag: '"a"' }))(request, response, turn)
  response.writeHead(200, { "content-length": size, etag: '"a"' })
  response.write(content.subarray(0, 100_000))
}

/** A download that failed after 100,000 bytes, and what it left in its folder. The server is well again. */
const leftBehind = (
  last: (url: string) => Handler = () => (_request, response) => void response.writeHead(503).end(),
) =>
  Effect.gen(function* () {
    const server = yield* serve((request, response, turn) =>
      turn === 1
        ? last(request.url ?? "")(request, response, turn)
        : fileHandler(content, () => ({ etag: '"a"', ...(turn === 0 ? { cutAfter: 100_000 } : {}) }))(
            request,
            response,
            turn,
          ),
    )
    const folder = yield* temporaryFolder
    const url = `${server.url}/file.csv?year=2024&token=s3cret`
    const error = yield* Effect.flip(download(url, { folder }, { retries: 0 }))
    const names = readdirSync(folder)
    const note = names.find((name) => name.endsWith(".json")) ?? "no note"
    return {
      server,
      folder,
      url,
      error,
      names,
      note: join(folder, note),
      part: join(folder, note.replace(/\.json$/, "")),
    }
  })

const assertWhole = (result: Effect.Success<ReturnType<typeof download>>) => {
  if (result._tag !== "Downloaded") return assert.fail("not downloaded")
  assert.strictEqual(result.sha256, sha256(content))
  assert.strictEqual(sha256(readFileSync(result.path)), result.sha256)
}

describe("a folder", () => {
  it.effect("keeps what came before a failure, and the next download goes on from there", () =>
    Effect.gen(function* () {
      const { error, folder, note, part, server, url } = yield* leftBehind()
      assert.strictEqual(error.reason._tag, "Transient")
      assert.strictEqual(sha256(readFileSync(part)), sha256(content.subarray(0, 100_000)))
      assert.notInclude(readFileSync(note, "utf8"), "s3cret")
      assertWhole(yield* download(url, { folder }))
      assert.strictEqual(server.seen.at(-1)?.headers.range, "bytes=100000-")
      assert.strictEqual(readdirSync(folder).length, 1)
    }),
  )

  it.effect("keeps nothing of a file that is gone", () =>
    Effect.gen(function* () {
      const { error, names } = yield* leftBehind(() => (_request, response) => void response.writeHead(404).end())
      assert.strictEqual(error.reason._tag, "Terminal")
      assert.deepStrictEqual(names, [])
    }),
  )

  it.effect("gives nothing to another address", () =>
    Effect.gen(function* () {
      const { folder, server, url } = yield* leftBehind()
      assertWhole(yield* download(url.replace("2024", "2025"), { folder }))
      assert.strictEqual(server.seen.at(-1)?.headers.range, undefined)
    }),
  )

  it.effect("drops bytes beyond the last commit: they may never have reached the disk", () =>
    Effect.gen(function* () {
      const { folder, part, server, url } = yield* leftBehind()
      appendFileSync(part, Buffer.alloc(5000))
      assertWhole(yield* download(url, { folder }))
      assert.strictEqual(server.seen.at(-1)?.headers.range, "bytes=100000-")
    }),
  )

  it.effect("starts again when the note is damaged, or promises more bytes than there are", () =>
    Effect.gen(function* () {
      for (const damage of ["note", "part"] as const) {
        const { folder, note, part, server, url } = yield* leftBehind()
        if (damage === "note") writeFileSync(note, '{"format":1')
        else truncateSync(part, 99_999)
        assertWhole(yield* download(url, { folder }))
        assert.strictEqual(server.seen.at(-1)?.headers.range, undefined)
        assert.strictEqual(readdirSync(folder).length, 1)
      }
    }),
  )

  it.effect("serves downloads of one address at once, each with its own file", () =>
    Effect.gen(function* () {
      const server = yield* serve(
        fileHandler(content, (turn) => ({ etag: '"a"', ...(turn < 6 ? { cutAfter: 50_000 } : {}) })),
      )
      const folder = yield* temporaryFolder
      const all = yield* Effect.all(
        [1, 2, 3].map(() => download(`${server.url}/file.csv`, { folder })),
        { concurrency: 3 },
      )
      all.forEach(assertWhole)
      assert.strictEqual(new Set(all.map((result) => result._tag === "Downloaded" && result.path)).size, 3)
      assert.strictEqual(readdirSync(folder).length, 3)
    }),
  )

  it.effect("leaves alone what another download is writing", () =>
    Effect.gen(function* () {
      const half = yield* Deferred.make<void>()
      const first: Array<ServerResponse> = []
      const server = yield* serve((request, response, turn) => {
        if (turn > 0) return fileHandler(content, () => ({ etag: '"a"' }))(request, response, turn)
        response.writeHead(200, { "content-length": size, etag: '"a"' }).write(content.subarray(0, 100_000))
        first.push(response)
      })
      const folder = yield* temporaryFolder
      const onProgress = () => Deferred.doneUnsafe(half, Effect.void)
      const slow = yield* Effect.forkChild(download(`${server.url}/file.csv`, { folder, onProgress }))
      yield* Deferred.await(half)
      assertWhole(yield* download(`${server.url}/file.csv`, { folder }))
      assert.strictEqual(server.seen[1]?.headers.range, undefined)
      first[0]?.end(content.subarray(100_000))
      assertWhole(yield* Fiber.join(slow))
    }),
  )

  it.effect("lets only one of many go on with what was left behind", () =>
    Effect.gen(function* () {
      const { folder, server, url } = yield* leftBehind()
      const all = yield* Effect.all(
        [1, 2, 3, 4].map(() => download(url, { folder })),
        { concurrency: 4 },
      )
      all.forEach(assertWhole)
      assert.strictEqual(server.seen.slice(2).filter(({ headers }) => headers.range !== undefined).length, 1)
    }),
  )

  it.effect("keeps what came before an interruption", () =>
    Effect.gen(function* () {
      const server = yield* serve(stallOnce)
      const folder = yield* temporaryFolder
      const started = yield* Deferred.make<void>()
      const onProgress = () => Deferred.doneUnsafe(started, Effect.void)
      const fiber = yield* Effect.forkChild(download(`${server.url}/file.csv`, { folder, onProgress }))
      yield* Deferred.await(started)
      yield* Fiber.interrupt(fiber)
      assertWhole(yield* download(`${server.url}/file.csv`, { folder }))
      assert.match(server.seen[1]?.headers.range ?? "", /^bytes=[1-9]/)
    }),
  )

  it.effect("gives what a killed process had to the next one", () =>
    Effect.gen(function* () {
      const server = yield* serve(stallOnce)
      const folder = yield* temporaryFolder
      const killed = yield* child(server.url, folder)
      yield* Effect.promise(() => once(createInterface(killed.stdout), "line"))
      killed.kill("SIGKILL")
      yield* Effect.promise(() => once(killed, "exit"))
      assert.strictEqual(readdirSync(folder).length, 2)

      const next = yield* child(server.url, folder)
      yield* Effect.promise(() => once(next, "exit"))
      const path = join(folder, readdirSync(folder)[0] ?? "")
      assert.strictEqual(sha256(readFileSync(path)), sha256(content))
      assert.match(server.seen[1]?.headers.range ?? "", /^bytes=[1-9]/)
      assert.strictEqual(readdirSync(folder).length, 1)
    }),
  )
})

describe("the writer of a partial file", () => {
  const hour = 3_600_000
  const gone = spawnSync(process.execPath, ["--version"]).pid

  it("is at work while its process lives, by all that can be known of it", () => {
    assert.isTrue(isAtWork(self, 10 * hour))
    assert.isTrue(isAtWork({ host: hostname(), pid: process.ppid, since: "" }, 0))
    assert.isTrue(isAtWork({ host: "another machine", pid: gone, since: "" }, hour - 1))
  })

  it("is gone when it said so, died, was another process of our number, or gave no sign for an hour", () => {
    assert.isFalse(isAtWork(null, 0))
    assert.isFalse(isAtWork({ host: hostname(), pid: gone, since: "" }, 0))
    assert.isFalse(isAtWork({ ...self, since: "2020-01-01T00:00:00.000Z" }, 0))
    assert.isFalse(isAtWork({ host: "another machine", pid: 1, since: "" }, hour + 1))
  })
})
