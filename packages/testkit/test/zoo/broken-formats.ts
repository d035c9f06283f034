/** Formats that are broken in one way each, and the law that must name it. */
import type { ReadError, TableEvent } from "@opendatahub-sql/core"
import * as Exit from "effect/Exit"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { anError, closingWhen, type Faults, tabs } from "./tabs.ts"

/** What is wrong, the law that must fail and no other, and how many damaged copies it takes. */
export interface BrokenFormat {
  readonly fault: string
  readonly law: string
  readonly format: ReturnType<typeof tabs>
  readonly fuzzed?: number
  /** The large file must be large: what is kept of it is to be seen. */
  readonly large?: boolean
}

const broken = (
  fault: string,
  law: string,
  faults: Faults,
  needs: Pick<BrokenFormat, "fuzzed" | "large"> = {},
): BrokenFormat => ({
  fault,
  law,
  format: tabs(faults),
  ...needs,
})

const mapBatches =
  (
    change: (batch: Extract<TableEvent, { readonly _tag: "Batch" }>) => ReadonlyArray<TableEvent>,
  ): NonNullable<Faults["events"]> =>
  (events) =>
    Stream.flattenIterable(Stream.map(events, (event) => (event._tag === "Batch" ? change(event) : [event])))

/** Everything first, then the events. */
const gathered: NonNullable<Faults["events"]> = (events) =>
  Stream.unwrap(Effect.map(Stream.runCollect(events), (all) => Stream.fromIterable(all)))

/** Reads on by itself once the first chunk was taken. */
async function* runningAhead(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const iterator = chunks[Symbol.asyncIterator]()
  const taken: Array<Promise<IteratorResult<Uint8Array>>> = [iterator.next()]
  const pump = async (): Promise<void> => {
    const next = iterator.next()
    taken.push(next)
    const ended = await next.then(
      ({ done }) => done === true,
      () => true,
    )
    if (!ended) await pump()
  }
  let pumping: Promise<void> | undefined
  try {
    for (let at = 0; ; at++) {
      const next = await taken[at]
      if (next === undefined || next.done === true) break
      yield next.value
      pumping ??= pump()
    }
    await pumping
  } finally {
    await iterator.return?.()
  }
}

const kept: Array<unknown> = []

export const brokenFormats: ReadonlyArray<BrokenFormat> = [
  broken("its fingerprint is no whole number", "has an id, a plugin API version and a fingerprint", {
    fingerprint: 1.5,
  }),
  broken("takes options that it does not know", "tells every error of its options at once", { anyOption: true }),
  broken("does not know its own files", "is recognised by its bytes", { detects: () => 0 }),
  broken("takes every file for its own", "says no to what is not its own", { detects: () => 0.3 }),
  broken("is surer than sure", "detects within its budget, whatever the bytes", {
    detects: (head) => (head.startsWith("[[[") ? 2 : /^[^\n\0]*\t/.test(head) ? 0.9 : 0),
  }),
  broken("makes numbers of codes", "gives the rows that another reading gives", {
    cells: (line) => line.split("\t").map((cell) => (/^\d+$/.test(cell) ? String(Number(cell)) : cell)),
  }),
  broken("drops a row where a chunk ends", "gives the same rows however its bytes are cut", {
    atChunkEnd: (rest) => (rest.includes("\t2") ? "" : rest),
  }),
  broken("decodes each chunk by itself", "gives the same rows however its bytes are cut", {
    text: (chunks) => Stream.map(chunks, (chunk) => new TextDecoder().decode(chunk)),
  }),
  broken("makes its own error of an error of the bytes", "an error of the bytes passes through unchanged", {
    bytes: (file) => Stream.mapError(file.bytes(), (): ReadError => anError("something went wrong with the file")),
  }),
  broken("loses the last row when it is cut", "cut short, it says so, or gives every record that is there", {
    atEnd: () => "",
  }),
  broken("leaves the file open when it is stopped early", "stopping early closes the file", {
    bytes: closingWhen((exit, finished) => finished || Exit.isFailure(exit)),
  }),
  broken("leaves the file open when it is interrupted", "an interrupted reading leaves nothing", {
    bytes: closingWhen((exit) => !Exit.hasInterrupts(exit)),
  }),
  broken("gathers all rows before the first batch", "reads no further than it must", { events: gathered }),
  broken("reads on while its consumer is busy", "a slow consumer holds the reader", {
    bytes: (file) =>
      Stream.fromAsyncIterable(runningAhead(Stream.toAsyncIterable(file.bytes())), (cause) => cause as ReadError),
  }),
  broken(
    "keeps every batch that it has read",
    "holds no more memory at the end of a file than at its start",
    {
      events: mapBatches((batch) => {
        kept.push(batch)
        return [batch]
      }),
    },
    { large: true },
  ),
  broken("lowers the case of column names", "hostile column names come through as they are", {
    names: (names) => names.map((name) => name.toLowerCase()),
  }),
  broken("leaves surplus cells out without a word", "damage is an error or a reject, never silence", {
    cells: (line) => line.split("\t").slice(0, /^\d/.test(line) ? 3 : Infinity),
  }),
  broken(
    "throws what is no error of core",
    "damaged copies are rows and rejects, or a typed error",
    {
      cells: (line) => {
        if (/[\0\ufffd]/.test(line)) throw new TypeError("cannot read properties of undefined")
        return line.split("\t")
      },
    },
    { fuzzed: 100 },
  ),
  broken("tells its password in the facts", "tells no secret", { facts: (password) => ({ openedWith: password }) }),
]
