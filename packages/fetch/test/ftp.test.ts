import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { execFile } from "node:child_process"
import { readFileSync } from "node:fs"
import { download, temporaryFolder } from "./support/downloading.ts"
import { type FtpBehaviour, serveFtp } from "./support/ftp-server.ts"
import { bytesOf, certificatePath, sha256 } from "./support/hostile-server.ts"

const bytes = bytesOf(300_000)
const files = { "/pub/communes.csv": { bytes, modified: "20260301120000" } }
const started = (behaviour: FtpBehaviour = {}) => serveFtp(files, behaviour)
const urlOf = ({ port }: { readonly port: number }, path = "/pub/communes.csv") => `ftp://127.0.0.1:${port}${path}`

describe("a file over FTP", () => {
  it.live(
    "is whole and hashed; its size and date are what the next question is about, and the answer costs no byte",
    () =>
      Effect.gen(function* () {
        const server = yield* started()
        const folder = yield* temporaryFolder
        const first = yield* download(urlOf(server), { folder })
        assert.strictEqual(first._tag, "Downloaded")
        if (first._tag !== "Downloaded") return
        assert.deepInclude(first, { sha256: sha256(bytes), bytes: bytes.length, name: "file.csv" })
        assert.strictEqual(first.validators.lastModified, "Sun, 01 Mar 2026 12:00:00 GMT")
        assert.deepStrictEqual(readFileSync(first.path), bytes)
        const again = yield* download(urlOf(server), { folder, validators: first.validators })
        assert.deepStrictEqual([again._tag, server.sent()], ["NotModified", bytes.length])
        const other = yield* download(urlOf(server), { folder, validators: { etag: '"1-1"' } })
        assert.strictEqual(other._tag, "Downloaded")
      }),
  )

  it.live(
    "goes on after a cut from where it was, and from the start where the server cannot, or does not say what it has",
    () =>
      Effect.gen(function* () {
        const cut = { after: 100_000, times: 1 }
        for (const [behaviour, sent] of [
          [{ cut }, bytes.length],
          [{ cut, without: ["REST"] }, bytes.length + 100_000],
          [{ cut, without: ["MDTM"] }, bytes.length + 100_000],
          [{ cut, without: ["EPSV"] }, bytes.length],
        ] as const) {
          const server = yield* started(behaviour)
          const file = yield* download(urlOf(server), { folder: yield* temporaryFolder })
          assert.deepInclude(file, { sha256: sha256(bytes) }, JSON.stringify(behaviour))
          assert.strictEqual(server.sent(), sent, JSON.stringify(behaviour))
        }
      }),
  )

  it.live("that is cut is never taken for whole, where the server tells a size; too large, it is not asked for", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const server = yield* started({ cut: { after: 0, times: 99 } })
      const error = yield* Effect.flip(download(urlOf(server), { folder }, { retries: 0 }))
      assert.strictEqual(error.reason._tag, "Transient")
      const small = yield* started()
      const refused = yield* Effect.flip(download(urlOf(small), { folder }, { maxBytes: 1000 }))
      assert.match(refused.message, /larger than 1000 bytes; raise the option `maxBytes`/)
      assert.strictEqual(small.sent(), 0)
    }),
  )

  it.live("that is not there, or wants a password, is told; the password is in no message", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const gone = yield* Effect.flip(download(urlOf(yield* started(), "/pub/no.csv"), { folder }))
      assert.deepStrictEqual(
        [gone.reason._tag, /answered 550: the file is not there/.test(gone.message)],
        ["Terminal", true],
      )
      const locked = yield* started({ password: "secret" })
      const url = (password: string) => `ftp://me:${password}@127.0.0.1:${locked.port}/pub/communes.csv`
      const refused = yield* Effect.flip(download(url("wrong-one"), { folder }))
      assert.match(refused.message, /530/)
      assert.notInclude(JSON.stringify(refused), "wrong-one")
      const file = yield* download(url("secret"), { folder })
      assert.strictEqual(file._tag === "Downloaded" && file.finalUrl.includes("secret"), false)
    }),
  )

  it.live("comes over implicit TLS, to a trusted name only", () =>
    Effect.gen(function* () {
      const server = yield* started({ implicitTls: true })
      const url = `ftps://127.0.0.1:${server.port}/pub/communes.csv`
      const folder = yield* temporaryFolder
      const error = yield* Effect.flip(download(url, { folder }))
      assert.match(error.message, /NODE_EXTRA_CA_CERTS/)
      const trusting = Effect.callback<string>((resume) => {
        execFile(
          process.execPath,
          [
            "--conditions=@opendatahub-sql/source",
            new URL("./support/download-process.ts", import.meta.url).pathname,
            url,
            folder,
          ],
          { env: { ...process.env, NODE_EXTRA_CA_CERTS: certificatePath } },
          (failed, out, err) => resume(Effect.succeed(failed === null ? out : err)),
        )
      })
      assert.match(yield* trusting, /300000\n/)
    }),
  )
})

describe("the guard of FTP", () => {
  it.live("refuses private hosts in any notation, names that lead there, and commands hidden in an address", () =>
    Effect.gen(function* () {
      const server = yield* started()
      const folder = yield* temporaryFolder
      const tryTo = (url: string, settings = {}) =>
        Effect.flip(download(url, { folder }, { retries: 0, allowPrivate: [], ...settings }))
      for (const protocol of ["ftp", "ftps"]) {
        for (const host of [
          "127.0.0.1",
          "0x7f.1",
          "2130706433",
          "localhost",
          "[::1]",
          "[::ffff:7f00:1]",
          "169.254.169.254",
        ]) {
          const error = yield* tryTo(`${protocol}://${host}:${server.port}/x`)
          assert.match(error.message, /is not a public host/, `${protocol} ${host}`)
        }
      }
      const lookup = (_host: string, _options: object, callback: (...answer: ReadonlyArray<unknown>) => void) =>
        callback(null, [{ address: "127.0.0.1", family: 4 }])
      const rebound = yield* tryTo(`ftp://files.example.org:${server.port}/x`, { lookup })
      assert.match(rebound.message, /resolves to 127\.0\.0\.1, which is not a public address/)
      const hidden = yield* tryTo(`ftp://127.0.0.1:${server.port}/x%0d%0aDELE%20x`, { allowPrivate: ["127.0.0.1"] })
      assert.match(hidden.message, /control character/)
      assert.deepStrictEqual(server.commands, [])
    }),
  )

  it.live("takes data from the server's own address alone", () =>
    Effect.gen(function* () {
      const server = yield* started({ without: ["EPSV"], passiveHost: "10.0.0.1" })
      const error = yield* Effect.flip(download(urlOf(server), { folder: yield* temporaryFolder }, { retries: 0 }))
      assert.strictEqual(error.reason._tag, "Transient")
      assert.strictEqual(server.sent(), 0)
    }),
  )
})
