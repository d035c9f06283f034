import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs"
import { join } from "node:path"
import { downloaded, keepText, resource, temporaryFolder, withLake } from "./lake-in-a-folder.ts"

const filesUnder = (folder: string, root: string): ReadonlyArray<string> =>
  readdirSync(join(folder, root), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted()

describe("keep", () => {
  it.effect("stores the bytes as received, and the record beside them", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const kept = yield* withLake(folder, (lake) => keepText(lake, "a;b\r\n1;2\r\n"))
      assert.strictEqual(
        kept?.file.path,
        `raw/source=datagouv/dataset=53698f4ca3a729239d2036df/extraction_date=2026-11-25/resource=104dbb32-704f-4e99-a71e-43563cb604f2/20261125T130501123Z-${kept?.file.sha256.slice(0, 16)}.csv`,
      )
      assert.strictEqual(readFileSync(join(folder, kept?.file.path ?? ""), "utf8"), "a;b\r\n1;2\r\n")
      const [record = ""] = filesUnder(folder, "extractions")
      assert.isTrue(record.endsWith("/20261125T130501123Z.json"))
      assert.deepStrictEqual(JSON.parse(readFileSync(record, "utf8")), JSON.parse(JSON.stringify(kept)))
    }),
  )

  it.effect("closes a stored file that is not read to its end", (context) =>
    Effect.gen(function* () {
      context.skip(!existsSync("/proc/self/fd"), "this system does not list open files")
      const folder = yield* temporaryFolder
      yield* withLake(folder, (lake) =>
        Effect.gen(function* () {
          const kept = yield* lake.keep(resource(), downloaded(lake.workFolder, Buffer.alloc(2_000_000)), {})
          if (kept === undefined) return assert.fail("kept")
          const openNow = () =>
            readdirSync("/proc/self/fd").filter((fd) => {
              const path = `/proc/self/fd/${fd}`
              return (
                lstatSync(path, { throwIfNoEntry: false }) !== undefined && readlinkSync(path).endsWith(kept.file.path)
              )
            }).length
          let during = 0
          const counted = Stream.tap(lake.open(kept).bytes(), () =>
            Effect.sync(() => {
              during = openNow()
            }),
          )
          yield* Stream.runDrain(Stream.take(counted, 1))
          assert.deepStrictEqual([during, openNow()], [1, 0])
        }),
      )
    }),
  )
})
