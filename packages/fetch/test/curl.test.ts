import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { execFile, spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { promisify } from "node:util"
import { gzipSync } from "node:zlib"
import { download, temporaryFolder } from "./support/downloading.ts"
import { bytesOf, fileHandler, type Handler, serve, sha256 } from "./support/hostile-server.ts"

const content = bytesOf(200_000)
const plain = fileHandler(content, () => ({ etag: '"a"' }))

/** Ways to send one file that are all correct. */
const ways: Readonly<Record<string, Handler>> = {
  "with a length": plain,
  "in chunks": (_request, response) => {
    for (let at = 0; at < content.length; at += 7777) response.write(content.subarray(at, at + 7777))
    response.end()
  },
  "until the connection closes": (request) => {
    request.socket.write("HTTP/1.0 200 OK\r\ncontent-type: text/csv\r\n\r\n")
    request.socket.end(content)
  },
  gzipped: fileHandler(gzipSync(content), () => ({ headers: { "content-encoding": "gzip" } })),
  empty: (_request, response) => void response.end(),
  "after two redirects": (request, response, turn) =>
    request.url === "/c"
      ? plain(request, response, turn)
      : void response.writeHead(307, { location: request.url === "/b" ? "c" : "/b" }).end(),
}

describe("the bytes", () => {
  const missing = spawnSync("curl", ["--version"]).error !== undefined
  if (missing) process.stdout.write("skipped: curl is not installed, nothing to compare with\n")

  it.effect.skipIf(missing)("and the last address are those that curl gets, however the file is sent", () =>
    Effect.gen(function* () {
      for (const [way, handler] of Object.entries(ways)) {
        const server = yield* serve(handler)
        const folder = yield* temporaryFolder
        const output = join(folder, "curl")
        const curl = yield* Effect.promise(() =>
          promisify(execFile)("curl", [
            "-sS",
            "-L",
            "--compressed",
            "--noproxy",
            "*",
            "-w",
            "%{url_effective}",
            "-o",
            output,
            `${server.url}/a b`.replace(" ", "%20"),
          ]),
        )
        const ours = yield* download(`${server.url}/a b`, { folder })
        if (ours._tag !== "Downloaded") return assert.fail(way)
        assert.strictEqual(ours.sha256, way === "empty" ? sha256(Buffer.alloc(0)) : sha256(readFileSync(output)), way)
        assert.strictEqual(sha256(readFileSync(ours.path)), ours.sha256)
        assert.strictEqual(ours.finalUrl, curl.stdout, way)
      }
    }),
  )
})
