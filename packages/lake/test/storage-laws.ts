/** What holds for a lake wherever it is: one suite, run over a folder and over an object store. */
import { assert, describe, it } from "@effect/vitest"
import {
  dumpState,
  type LakePlace,
  listing,
  prune,
  rebuildState,
  redact,
  resources,
  runs,
  status,
  tables,
  verify,
} from "@opendatahub-sql/lake"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { basename } from "node:path"
import { downloaded, keepText, keyOf, resource, temporaryFolder, withLake } from "./lake-in-a-folder.ts"
import { runWorker, type Scene } from "./scene.ts"
import { prepare, RESOURCES, work } from "./work.ts"

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex")

const assertNoHalfFile = (files: ReadonlyMap<string, Buffer>): void => {
  for (const [path, bytes] of files) {
    if (path.startsWith("raw/")) assert.include(basename(path), `-${sha256(bytes).slice(0, 16)}.`, "a stored file")
    else if (path.endsWith(".rejects.parquet")) assert.strictEqual(bytes.toString(), "rejects")
    else if (path.startsWith("extractions/"))
      assert.strictEqual((JSON.parse(bytes.toString()) as { formatVersion: number }).formatVersion, 1)
  }
}

const contents = (place: LakePlace) =>
  withLake(place, (lake) =>
    Effect.forEach(RESOURCES, (one) =>
      Effect.map(lake.extractions(keyOf(one)), (extractions) =>
        extractions.map(({ extractedAt, file, siblings }) => [
          extractedAt,
          file.sha256,
          ...Object.values(siblings).map((sibling) => sibling.sha256),
        ]),
      ),
    ),
  )

/** Numbers from 1 to `most`, the same for every run of the tests. */
const seeded = (most: number, count: number): ReadonlyArray<number> =>
  Array.from(
    { length: count },
    (_, index) => 1 + (createHash("sha256").update(`kill ${index}`).digest().readUInt32BE() % most),
  )

const assertRebuildsEqual = (place: LakePlace) =>
  Effect.gen(function* () {
    const dump = yield* dumpState(place)
    yield* rebuildState(place)
    assert.strictEqual(yield* dumpState(place), dump)
    return dump
  })

/** Runs the laws. `timeout` in milliseconds, of the tests that start processes. */
export const storageLaws = (name: string, scene: Scene, timeout: number): void => {
  describe(`a lake in ${name}`, () => {
    it.live("keeps bytes as received with their record, once each, and what came back points to the first", () =>
      Effect.gen(function* () {
        const place = yield* scene.place
        yield* withLake(place, (lake) =>
          Effect.gen(function* () {
            for (const content of ["A", "A", "B", "A"]) yield* keepText(lake, content)
            const kept = yield* lake.extractions(keyOf(resource()))
            assert.deepStrictEqual(
              kept.map((one) => one.extractedAt),
              ["2026-11-25T13:05:01.123Z", "2026-11-25T13:05:01.124Z", "2026-11-25T13:05:01.125Z"],
            )
            assert.strictEqual(kept[0]?.file.path, kept[2]?.file.path)
          }),
        )
        const files = yield* scene.files(place)
        const below = (root: string) => [...files.keys()].filter((path) => path.startsWith(`${root}/`))
        assert.deepStrictEqual([below("raw").length, below("extractions").length], [2, 3])
        assertNoHalfFile(files)
      }),
    )

    it.live("streams a stored file, whole and by range, and gives it as a local file", () =>
      Effect.gen(function* () {
        const place = yield* scene.place
        const content = Buffer.alloc(20_000_000, "0123456789")
        const kept = yield* withLake(place, (lake) =>
          lake.keep(resource(), downloaded(lake.workFolder, content), { dbf: downloaded(lake.workFolder, "dbf") }),
        )
        if (kept === undefined) return assert.fail("kept")
        yield* withLake(yield* scene.elsewhere(place), (lake) =>
          Effect.gen(function* () {
            const file = lake.open(kept)
            const hash = createHash("sha256")
            yield* Stream.runForEach(file.bytes(), (chunk) =>
              Effect.sync(() => {
                hash.update(chunk)
              }),
            )
            assert.strictEqual(hash.digest("hex"), file.identity)
            const part = yield* Stream.runCollect(file.bytes({ start: 10_000_003, end: 10_000_006 }))
            assert.strictEqual(Buffer.concat(part).toString(), "345")
            assert.isTrue(readFileSync(yield* file.local).equals(content))
            assert.strictEqual(readFileSync(yield* (file.siblings[0] ?? file).local, "utf8"), "dbf")
          }).pipe(Effect.scoped),
        )
      }),
    )

    it.live("shows what happened, here and on another machine, and its state made anew is equal", () =>
      Effect.gen(function* () {
        const place = yield* scene.place
        yield* prepare(place)
        yield* Effect.promise(() => work(place, "run-1"))
        const dump = yield* assertRebuildsEqual(place)
        const there = yield* scene.elsewhere(place)
        for (const one of [place, there]) {
          assert.deepStrictEqual(
            (yield* status(one)).map(({ title, extractions, trouble }) => [title, extractions, trouble]),
            RESOURCES.map(({ title }) => [title, 2, []]),
          )
          assert.deepInclude((yield* resources(one))[0], { resource: "lieux", extractions: 2, gone: false })
          assert.deepInclude((yield* tables(one))[0], { table: "lieux", rows: 2, slices: 1, columns: 3 })
          assert.deepInclude((yield* runs(one))[0], { run: "run-1", outcome: "done", counts: { loaded: 3 } })
          const [source] = yield* listing(one)
          assert.strictEqual(source?.bytes, 2 * "A of lieux".length + 2 * 12 + 2 * 14 + 16)
          assert.strictEqual(source?.below[0]?.below[0]?.below[1]?.rejects.length, 1)
          const { problems, files } = yield* verify(one)
          assert.deepStrictEqual([problems, files], [[], 7])
        }
        assert.strictEqual(yield* dumpState(there), dump)
      }),
    )

    it.live("keeps the order of what was seen when the clock steps back, or far ahead and back", () =>
      Effect.gen(function* () {
        const place = yield* scene.place
        const looks = [
          ["A", "2026-11-25T13:00:00.000Z"],
          ["B", "2026-11-24T01:00:00.000Z"],
          ["C", "2031-01-01T00:00:00.000Z"],
          ["D", "2026-11-26T00:00:00.000Z"],
        ] as const
        for (const [index, [content, startedAt]] of looks.entries()) {
          const here = index % 2 === 0 ? place : yield* scene.elsewhere(place)
          yield* withLake(here, (lake) => keepText(lake, content, resource(), { startedAt, endedAt: startedAt }), {
            run: `run-${index}`,
          })
        }
        const all = yield* withLake(place, (lake) => lake.extractions(keyOf(resource())))
        assert.deepStrictEqual(
          all.map(({ file, extractedAt }) => [file.sha256, extractedAt]),
          [
            [sha256(Buffer.from("A")), "2026-11-25T13:00:00.000Z"],
            [sha256(Buffer.from("B")), "2026-11-25T13:00:00.001Z"],
            [sha256(Buffer.from("C")), "2031-01-01T00:00:00.000Z"],
            [sha256(Buffer.from("D")), "2031-01-01T00:00:00.001Z"],
          ],
        )
        yield* assertRebuildsEqual(place)
      }),
    )

    it.live("puts past states in their place, in any order, and each content once", () =>
      Effect.gen(function* () {
        const place = yield* scene.place
        const days = ["04", "01", "03", "02", "05", "02"]
        const contentOf: Readonly<Record<string, string>> = { "01": "A", "02": "B", "03": "B", "04": "A", "05": "C" }
        yield* withLake(place, (lake) =>
          Effect.gen(function* () {
            for (const day of days) {
              yield* lake.keep(
                resource(),
                downloaded(lake.workFolder, contentOf[day] ?? ""),
                {},
                {
                  how: "imported",
                  at: `2020-06-${day}T00:00:00.000Z`,
                },
              )
            }
            yield* keepText(lake, "D")
            const all = yield* lake.extractions(keyOf(resource()))
            assert.deepStrictEqual(
              yield* Effect.forEach(all, (one) =>
                Effect.map(
                  Effect.scoped(Effect.map(lake.open(one).local, (path) => readFileSync(path, "utf8"))),
                  (text) => [one.extractedAt.slice(0, 10), text, one.past?.how],
                ),
              ),
              [
                ["2020-06-01", "A", "imported"],
                ["2020-06-02", "B", "imported"],
                ["2020-06-03", "B", "imported"],
                ["2020-06-04", "A", "imported"],
                ["2020-06-05", "C", "imported"],
                ["2026-11-25", "D", undefined],
              ],
            )
          }),
        )
        assert.strictEqual([...(yield* scene.files(place)).keys()].filter((path) => path.startsWith("raw/")).length, 4)
        const dump = yield* assertRebuildsEqual(place)
        assert.strictEqual(yield* dumpState(yield* scene.elsewhere(place)), dump)
      }),
    )

    it.live("prunes by policy: says first, then does; what stays is whole, here and on another machine", () =>
      Effect.gen(function* () {
        const place = yield* scene.place
        const past = (at: string) => ({ how: "imported" as const, at })
        yield* withLake(place, (lake) =>
          Effect.gen(function* () {
            for (const [at, content] of [
              ["2020-01-01", "A"],
              ["2020-01-31", "B"],
              ["2020-02-01", "A"],
              ["2020-03-01", "C"],
              ["2020-03-02", "D"],
            ] as const)
              yield* lake.keep(resource(), downloaded(lake.workFolder, content), {}, past(`${at}T00:00:00.000Z`))
          }),
        )
        const there = yield* scene.elsewhere(place)
        assert.strictEqual((yield* status(there))[0]?.extractions, 5)
        const options = { run: "prune-1", policy: { keep: 1, olderThan: 30, onePer: "month" as const } }
        const planned = yield* prune(place, { ...options, apply: false })
        // The bytes of the first are those of February too.
        assert.deepStrictEqual(
          planned.map(({ extractedAt, bytes }) => [extractedAt.slice(0, 10), bytes]),
          [
            ["2020-01-01", 0],
            ["2020-03-01", 1],
          ],
        )
        assert.strictEqual((yield* status(place))[0]?.extractions, 5)
        assert.deepStrictEqual(yield* prune(place, { ...options, apply: true }), planned)
        assert.deepStrictEqual(yield* prune(place, { ...options, apply: true }), [])
        for (const one of [place, there]) {
          assert.strictEqual((yield* status(one))[0]?.extractions, 3)
          assert.deepStrictEqual((yield* verify(one)).problems, [])
        }
        const dump = yield* assertRebuildsEqual(place)
        assert.strictEqual(yield* dumpState(there), dump)
      }),
    )

    it.live("puts a redacted file in the place of one, for good, also when the portal sends the old bytes again", () =>
      Effect.gen(function* () {
        const place = yield* scene.place
        const content = "siret;nom\n1;Secret\n2;Public\n"
        const clean = "siret;nom\n2;Public\n"
        const kept = yield* withLake(place, (lake) =>
          Effect.gen(function* () {
            const one = yield* keepText(lake, content)
            yield* keepText(lake, "other")
            yield* keepText(lake, content)
            if (one === undefined) return assert.fail("kept")
            const rejects = downloaded(lake.workFolder, "rejects").path
            yield* lake.keepRejects(one, "key", rejects)
            return one
          }),
        )
        const there = yield* scene.elsewhere(place)
        yield* status(there)
        const folder = yield* temporaryFolder
        const { path, sha256: hash, bytes } = downloaded(folder, clean)
        const changed = yield* withLake(
          place,
          ({ record }) =>
            redact(
              place,
              kept,
              { path, name: "clean.csv", sha256: hash, bytes, mediaType: "text/csv" },
              { run: "purge-1", columns: ["siret"], rows: 1, record },
            ),
          { run: "purge-1" },
        )
        assert.strictEqual(changed.length, 2)
        const files = yield* scene.files(place)
        for (const [name, stored] of files) assert.notInclude(stored.toString(), "Secret", name)
        assert.isTrue([...files.values()].some((stored) => stored.toString().includes('"Redacted"')))
        for (const one of [place, there]) {
          yield* withLake(one, (lake) =>
            Effect.gen(function* () {
              const all = yield* lake.extractions(keyOf(resource()))
              assert.deepStrictEqual(
                all.map(({ file }) => file.sha256 === hash),
                [true, false, true],
              )
              assert.isUndefined(yield* keepText(lake, content))
            }),
          )
          assert.deepStrictEqual((yield* verify(one)).problems, [])
        }
        const dump = yield* assertRebuildsEqual(place)
        assert.strictEqual(yield* dumpState(there), dump)
        yield* withLake(place, (lake) =>
          Effect.gen(function* () {
            yield* keepText(lake, "other again")
            const again = yield* keepText(lake, content)
            assert.strictEqual(again?.file.sha256, hash)
          }),
        )
        for (const [name, stored] of yield* scene.files(place)) assert.notInclude(stored.toString(), "Secret", name)
      }),
    )

    it.live("finds what is missing, different and without a record", () =>
      Effect.gen(function* () {
        const place = yield* scene.place
        const kept = yield* withLake(place, (lake) =>
          Effect.forEach(["A", "B", "C"], (content) => keepText(lake, content)),
        )
        const [first = "", second = ""] = kept.map((one) => one?.file.path ?? "")
        yield* scene.damage(place, first, undefined)
        yield* scene.damage(place, second, Buffer.from("X"))
        yield* scene.damage(place, "raw/stray.csv", Buffer.from("X"))
        const kinds = (yield* verify(place)).problems.map(({ kind }) => kind)
        assert.deepStrictEqual(kinds.toSorted(), ["different", "missing", "orphan"])
        const error = yield* withLake(place, (lake) => Effect.flip(Effect.scoped(lake.open(kept[0]!).local)))
        assert.include(error.message, "odh lake verify")
      }),
    )

    it.live("lets one process at a time work on a resource, on any machine", () =>
      Effect.gen(function* () {
        const place = yield* scene.place
        yield* withLake(place, (here) =>
          Effect.gen(function* () {
            const there = yield* scene.elsewhere(place)
            const take = (options = {}) =>
              withLake(there, (lake) => Effect.scoped(lake.lease(keyOf(resource()))), { run: "run-2", ...options })
            yield* Effect.scoped(
              Effect.gen(function* () {
                yield* here.lease(keyOf(resource()))
                const error = yield* Effect.flip(take({ leaseWait: 100 }))
                assert.strictEqual(error.reason._tag, "Transient")
                assert.include(error.message, `process ${process.pid}`)
              }),
            )
            yield* take()
          }),
        )
      }),
    )

    it.live(
      "is worked on by several processes at once: each extraction is made once, and no event is lost",
      () =>
        Effect.gen(function* () {
          const place = yield* scene.place
          yield* prepare(place)
          const names = ["run-1", "run-2", "run-3"]
          const ended = yield* Effect.forEach(names, (run) => runWorker(place, run), { concurrency: "unbounded" })
          assert.deepStrictEqual(
            ended.map(({ errors }) => errors),
            ["", "", ""],
          )
          assert.deepStrictEqual(
            (yield* contents(place)).map((all) => all.length),
            [2, 2, 2],
          )
          assert.deepStrictEqual(
            (yield* runs(place)).map(({ run, outcome }) => `${run} ${outcome}`).toSorted(),
            names.map((run) => `${run} done`),
          )
          assert.deepStrictEqual((yield* verify(place)).problems, [])
          yield* assertRebuildsEqual(place)
        }),
      timeout,
    )

    it.live(
      `leaves no half file when its process is killed (${scene.kills} seeded points), and the next run makes the same lake`,
      () =>
        Effect.gen(function* () {
          const begin = Effect.tap(scene.place, prepare)
          const whole = yield* begin
          const undisturbed = yield* runWorker(whole, "run-1")
          assert.strictEqual(undisturbed.errors, "")
          const calls = Number(undisturbed.output)
          assert.isAbove(calls, 100)
          const expected = yield* contents(whole)
          yield* Effect.forEach(
            seeded(Math.floor(calls * 0.9), scene.kills),
            Effect.fnUntraced(function* (point) {
              const place = yield* begin
              const killed = yield* runWorker(place, "run-1", point)
              assert.strictEqual(killed.signal, "SIGKILL", `${point}: ${killed.errors}`)
              assertNoHalfFile(yield* scene.files(place))
              assert.deepStrictEqual((yield* verify(place)).problems, [], `verify after a kill at ${point}`)
              const again = yield* runWorker(place, "run-2")
              assert.strictEqual(again.errors, "", `the next run after a kill at ${point}`)
              assert.deepStrictEqual(yield* contents(place), expected, `extractions after a kill at ${point}`)
              assert.deepStrictEqual((yield* verify(place)).problems, [])
              yield* assertRebuildsEqual(place)
            }, Effect.scoped),
            { concurrency: 2, discard: true },
          )
        }),
      timeout * 10,
    )
  })
}
