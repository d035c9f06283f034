import { assert, describe, it } from "@effect/vitest"
import {
  dataQuality,
  defaultTableSettings,
  Engine,
  type Format,
  FormatError,
  type Leaf,
  readTables,
  type TypedTable,
} from "@opendatahub-sql/core"
import { memoryFile } from "@opendatahub-sql/core/testing"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

const tableOf = (name: string): TypedTable => ({
  name,
  columns: [],
  rows: 1,
  rowRejects: 0,
  cellRejects: 0,
  rejectedRows: 0,
  facts: {},
  relation: "",
  rejects: "",
  parquet: () => Effect.succeed([]),
  batches: () => Stream.empty,
})

const damaged = (name: string) =>
  new FormatError({ plugin: "test", operation: "read", reason: dataQuality, message: `${name} is damaged` })

/** A format with a fast way; files named `bad` are damaged. `copies`: how many members are on the disk. */
const setting = () => {
  let copies = 0
  const seen: Array<number> = []
  const format: Format = {
    kind: "format",
    id: "test",
    fingerprint: 1,
    options: {},
    detects: () => 1,
    read: () => Stream.empty,
    relations: (file) => (file.name === "bad" ? Effect.fail(damaged(file.name)) : Effect.succeed([])),
  }
  const leaf = (name: string): Leaf => ({
    member: name,
    format,
    readers: [format],
    file: {
      ...memoryFile(name, "x"),
      local: Effect.acquireRelease(
        Effect.sync(() => {
          copies++
          return name
        }),
        () => Effect.sync(() => copies--),
      ),
    },
  })
  const engine = {
    fingerprint: 1,
    typeRelations: () =>
      Effect.sync(() => {
        seen.push(copies)
        return [tableOf("main")]
      }),
    typeEvents: () => Effect.succeed([]),
    rejectsParquet: () => Effect.succeed(undefined),
  }
  const read = (...names: ReadonlyArray<string>) =>
    readTables(names.map(leaf), {
      base: "base",
      pinned: [],
      settings: () => defaultTableSettings,
      existing: () => Effect.succeed({}),
      types: "auto",
    }).pipe(Effect.scoped, Effect.provideService(Engine, engine))
  return { read, seen }
}

describe("the members of an archive", () => {
  it.effect("are on the disk one at a time, once for all the looks at them", () =>
    Effect.gen(function* () {
      const { read, seen } = setting()
      const { tables } = yield* read("a", "b", "c")
      assert.deepStrictEqual(
        tables.map(({ name, member }) => [name, member]),
        [
          ["base", "a"],
          ["base", "b"],
          ["base", "c"],
        ],
      )
      assert.deepStrictEqual(seen, [1, 1, 1])
    }),
  )

  it.effect("that turn out to be damaged while they are read are left out; when all are, the first says why", () =>
    Effect.gen(function* () {
      const { read } = setting()
      const { tables, skipped } = yield* read("a", "bad")
      assert.lengthOf(tables, 1)
      assert.deepStrictEqual(skipped, [{ name: "bad", code: "unreadable-member", why: "bad is damaged" }])
      assert.strictEqual((yield* Effect.flip(read("bad"))).message, "bad is damaged")
    }),
  )
})
