import { assert, describe, it } from "@effect/vitest"
import { type Configured, type Format, LakeError, type Source, type TableEvent, terminal } from "@opendatahub-sql/core"
import { defineFormat, defineSource, PluginFailure, type PromiseFile } from "@opendatahub-sql/core/promise"
import { watchedFile } from "@opendatahub-sql/core/testing"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { aResource } from "./a-resource.ts"

const config = Schema.toStandardSchemaV1(Schema.Struct({}))

const formatOf = (read: (file: PromiseFile) => AsyncIterable<TableEvent>) =>
  (defineFormat({ id: "lines", apiVersion: 1, fingerprint: 1, config, detects: () => 1, read })() as Configured<Format>)
    .decode

const sourceOf = (locate: (signal: AbortSignal) => Promise<{ readonly url: string; readonly name: string }>) =>
  (
    defineSource({
      id: "site",
      apiVersion: 1,
      config,
      discover: async function* () {
        yield { _tag: "Found", resource: aResource() }
      },
      locate: (_resource, _options, signal) => locate(signal),
    })() as Configured<Source>
  ).decode

const facts = (n: number): TableEvent => ({ _tag: "Facts", facts: { n } })
const chunks = ["a\n", "b\n", "c\n"].map((text) => new TextEncoder().encode(text))
const lost = new LakeError({ plugin: "lake", operation: "read", message: "the disk is gone", reason: terminal })

describe("a format written with async functions", () => {
  it.effect("reads bytes and yields events", () =>
    Effect.gen(function* () {
      const format = yield* formatOf(async function* (file) {
        let n = 0
        for await (const chunk of file.bytes()) n += chunk.length
        yield facts(n)
      })
      const watched = watchedFile("a.txt", chunks)
      assert.deepStrictEqual(yield* Stream.runCollect(format.read(watched.file)), [facts(6)])
      assert.strictEqual(watched.open(), 0)
    }),
  )

  it.effect("leaving the loop over its bytes closes the file", () =>
    Effect.gen(function* () {
      const format = yield* formatOf(async function* (file) {
        for await (const _ of file.bytes()) break
        yield facts(watched.open())
      })
      const watched = watchedFile("a.txt", chunks)
      assert.deepStrictEqual(yield* Stream.runCollect(format.read(watched.file)), [facts(0)])
    }),
  )

  it.effect("a reader that has enough closes the generator, and the file with it", () =>
    Effect.gen(function* () {
      let cleaned = false
      const format = yield* formatOf(async function* (file) {
        try {
          let n = 0
          for await (const chunk of file.bytes()) yield facts((n += chunk.length))
        } finally {
          cleaned = true
        }
      })
      const watched = watchedFile("a.txt", chunks)
      assert.lengthOf(yield* Stream.runCollect(Stream.take(format.read(watched.file), 1)), 1)
      assert.isTrue(cleaned)
      assert.strictEqual(watched.open(), 0)
    }),
  )

  it.effect("what it throws is a FormatError of its own, with the place and the reason that it gives", () =>
    Effect.gen(function* () {
      const plain = yield* formatOf(async function* () {
        yield facts(1)
        throw new Error("line 3 is cut")
      })
      const told = yield* formatOf(async function* () {
        yield facts(1)
        throw new PluginFailure("the closing brace is missing", {
          reason: { _tag: "DataQuality" },
          position: { line: 3, byte: 40 },
        })
      })
      const failureOf = (format: Format) => Effect.flip(Stream.runDrain(format.read(watchedFile("a.txt", chunks).file)))
      const first = yield* failureOf(plain)
      assert.deepStrictEqual(
        [first._tag, first.plugin, first.operation, first.message, first.reason._tag],
        ["FormatError", "lines", "read", "line 3 is cut", "Terminal"],
      )
      const second = yield* failureOf(told)
      assert.deepStrictEqual([second.reason._tag, second.position], ["DataQuality", { line: 3, byte: 40 }])
    }),
  )

  it.effect("an error of the bytes comes through as it was", () =>
    Effect.gen(function* () {
      const format = yield* formatOf(async function* (file) {
        for await (const chunk of file.bytes()) yield facts(chunk.length)
      })
      const error = yield* Effect.flip(
        Stream.runDrain(format.read(watchedFile("a.txt", chunks).file)).pipe(
          Effect.andThen(
            Stream.runDrain(format.read(watchedFile("b.txt", chunks, { failAt: { chunk: 1, error: lost } }).file)),
          ),
        ),
      )
      assert.strictEqual(error._tag, "LakeError")
      assert.strictEqual(error.message, lost.message)
    }),
  )
})

describe("a source written with async functions", () => {
  it.effect("its signal is aborted when the run stops, on a server that never answers", () =>
    Effect.gen(function* () {
      const asked = yield* Deferred.make<AbortSignal>()
      const source = yield* sourceOf((signal) => {
        Deferred.doneUnsafe(asked, Effect.succeed(signal))
        return new Promise(() => undefined)
      })
      const fiber = yield* Effect.forkChild(source.locate(aResource()))
      const signal = yield* Deferred.await(asked)
      assert.isFalse(signal.aborted)
      yield* Fiber.interrupt(fiber)
      assert.isTrue(signal.aborted)
    }),
  )

  it.effect("what it throws is a SourceError, with the reason that it gives", () =>
    Effect.gen(function* () {
      const source = yield* sourceOf(() =>
        Promise.reject(
          new PluginFailure("the portal is closed at night", { reason: { _tag: "Transient", retryAfterMs: 60_000 } }),
        ),
      )
      const error = yield* Effect.flip(source.locate(aResource()))
      assert.deepStrictEqual(
        [error._tag, error.plugin, error.operation, error.reason],
        ["SourceError", "site", "locate", { _tag: "Transient", retryAfterMs: 60_000 }],
      )
    }),
  )
})
