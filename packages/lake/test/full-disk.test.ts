import { assert, describe, it } from "@effect/vitest"
import { dumpState, rebuildState, verify } from "@opendatahub-sql/lake"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import { mkdtempSync, readdirSync, readFileSync, rmSync, statfsSync, truncateSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { keepText, keyOf, resource, withLake } from "./lake-in-a-folder.ts"

/** In bytes. */
const DISK = 4 * 1024 ** 2

/** A disk of its own, or why there is none. */
const mounted = (): { readonly folder: string } | { readonly why: string } => {
  const folder = mkdtempSync(join(tmpdir(), "small-disk-"))
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${DISK}`, "tmpfs", folder], { stdio: "pipe" })
    return { folder }
  } catch (error) {
    rmSync(folder, { recursive: true })
    return { why: `a small disk cannot be mounted here: ${error instanceof Error ? error.message.trim() : ""}` }
  }
}

const unmount = (folder: string): void => {
  execFileSync("umount", [folder])
  rmSync(folder, { recursive: true })
}

describe("a full disk", () => {
  it.live(
    "fails Transient and leaves no half file; with room again, nothing is lost and nothing there twice",
    (context) =>
      Effect.gen(function* () {
        const disk = mounted()
        if ("why" in disk) {
          console.log(`skipped: ${disk.why}`)
          return context.skip(disk.why)
        }
        yield* Effect.addFinalizer(() => Effect.sync(() => unmount(disk.folder)))
        const lake = join(disk.folder, "lake")
        const filler = join(disk.folder, "filler")
        const contents = [0, 4, 12, 24, 40, 64, 96, 160].map((free) => [free, `${free} `.repeat(8_000)] as const)
        yield* withLake(lake, (open) => keepText(open, "before"))
        let refused = 0
        for (const [free, content] of contents) {
          const { bavail, bsize } = statfsSync(disk.folder)
          writeFileSync(filler, Buffer.alloc(Math.max(0, bavail * bsize - free * 1024)))
          const kept = yield* Effect.result(
            withLake(lake, (open) => keepText(open, content), { run: `full-${free}` }),
          ).pipe(
            // The test's own download is a file too.
            Effect.catchDefect(() => Effect.succeed(undefined)),
          )
          if (kept === undefined || Result.isFailure(kept)) refused += 1
          if (kept !== undefined && Result.isFailure(kept)) {
            assert.strictEqual(kept.failure.reason._tag, "Transient", kept.failure.message)
            assert.include(kept.failure.message, "full")
          }
          for (const entry of readdirSync(join(lake, "raw"), { recursive: true, withFileTypes: true })) {
            if (!entry.isFile()) continue
            const sha256 = createHash("sha256")
              .update(readFileSync(join(entry.parentPath, entry.name)))
              .digest("hex")
            assert.include(basename(entry.name), `-${sha256.slice(0, 16)}.`)
          }
          truncateSync(filler)
          yield* withLake(lake, (open) => keepText(open, content), { run: `room-${free}` })
        }
        assert.isAbove(refused, 3)
        const all = yield* withLake(lake, (open) => open.extractions(keyOf(resource())))
        assert.strictEqual(all.length, 1 + contents.length)
        assert.deepStrictEqual((yield* verify(lake)).problems, [])
        const dump = yield* dumpState(lake)
        yield* rebuildState(lake)
        assert.strictEqual(yield* dumpState(lake), dump)
      }),
  )
})
