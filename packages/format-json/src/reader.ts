/** Chunks of UTF-8 in, table events out: the pure middle of `read`. */
import { type JsonObject, rawText, type TableEvent } from "@opendatahub-sql/core"
import {
  BATCH_ROWS,
  type Encoding,
  Envelope,
  factOf,
  JsonProblem,
  Lines,
  parseValue,
  Tables,
  type Taken,
  textOf,
  type Visitor,
  Walker,
} from "@opendatahub-sql/core/json"
import { type Layout, MAIN, type Plan } from "./layout/layout.ts"

/** Bytes of records that may wait over all tables of a file; the pipeline allows 4 MiB, which costs the same CPU and more memory. */
const BATCH_BYTES = 2_097_152

/** A container that was entered, or the file. */
interface Context {
  readonly plan: Plan | { readonly is: "file" }
  readonly path: ReadonlyArray<string>
}

export class Reader {
  private readonly layout: Layout
  private readonly encoding: Encoding
  private readonly tables: Tables
  private readonly source: Lines | Walker<Context>
  private readonly envelope = new Envelope()
  private events: Array<TableEvent> = []
  private waiting = 0
  private taken = 0
  private foreign = 0
  private firstProblem: JsonProblem | undefined

  constructor(layout: Layout, nesting: number, encoding: Encoding) {
    this.encoding = encoding
    this.layout = layout
    this.tables = new Tables(nesting)
    this.source =
      layout.shape === "lines"
        ? new Lines((line, last) => this.record(MAIN, line, undefined, last), encoding.mark)
        : new Walker<Context>(
            this.visitor,
            { plan: { is: "file" }, path: [] },
            encoding.mark,
            layout.shape === "sequence",
          )
  }

  /** The events that these bytes complete. */
  push(chunk: Uint8Array): Array<TableEvent> {
    this.source.push(chunk)
    return this.drain()
  }

  /** The last events; call after the last chunk. */
  end(): Array<TableEvent> {
    this.source.end()
    if (this.taken === 0 && this.firstProblem !== undefined) throw this.firstProblem
    this.flush()
    const facts: JsonObject = {
      layout: this.layout.shape === "value" ? this.layout.root.is : this.layout.shape,
      ...(this.layout.shape === "value" && this.layout.records.length > 0
        ? { records: this.layout.records.join(".") }
        : {}),
      ...(this.foreign > 0 ? { recordsInWindows1252: this.foreign } : {}),
      ...(Object.keys(this.envelope.facts).length > 0 ? { envelope: { ...this.envelope.facts } } : {}),
    }
    this.events.push({ _tag: "Facts", facts })
    return this.drain()
  }

  private readonly visitor: Visitor<Context> = {
    open: (context, key, kind) => {
      const plan = this.planOf(context, key)
      const enter = kind === "array" ? plan.is === "items" : plan.is === "envelope" || plan.is === "keyed"
      return enter ? { plan, path: key === undefined ? context.path : [...context.path, key] } : "take"
    },
    close: () => {},
    value: (context, key, value) => {
      const plan = this.planOf(context, key)
      if (plan.is === "record") this.record(plan.table, value, context.plan.is === "keyed" ? key : undefined, false)
      else this.fact([...context.path, key ?? ""], value)
    },
  }

  /** What to do with a value inside a container. */
  private planOf({ plan }: Context, key: string | undefined): Plan {
    if (plan.is === "file") return this.layout.shape === "value" ? this.layout.root : { is: "record", table: MAIN }
    if (plan.is === "envelope") return plan.members.get(key ?? "") ?? { is: "fact" }
    return plan.is === "fact" ? plan : { is: "record", table: plan.table }
  }

  private record(table: string, { bytes, start, end }: Taken, key: string | undefined, last: boolean): void {
    const text = textOf(bytes, () => this.foreign++)
    try {
      this.tables.append(table, parseValue(text), text, key)
      this.taken++
    } catch (problem) {
      if (!(problem instanceof JsonProblem)) throw problem
      const placed = placeIn(problem, text, start, last)
      // A last line that stops short, with no line feed after it, is a file that was cut.
      if (placed.incomplete) throw placed
      this.firstProblem ??= placed
      this.tables.reject(table, {
        raw: rawText(key === undefined ? text : `${JSON.stringify(key)}:${text}`),
        code: "json-syntax",
        message: problem.message,
        ...(this.encoding.name === "utf-8" ? { byte: start, byteLength: end - start } : {}),
      })
    }
    this.waiting += end - start
    // Rejects wait for a table to belong to; a file without a sound record has none, and must not be held whole.
    if (this.taken === 0 && this.firstProblem !== undefined && this.waiting >= BATCH_BYTES) throw this.firstProblem
    if (this.waiting >= BATCH_BYTES || this.tables.fullest >= BATCH_ROWS) this.flush()
  }

  private fact(path: ReadonlyArray<string>, { bytes, start }: Taken): void {
    const text = textOf(bytes)
    try {
      parseValue(text)
    } catch (problem) {
      throw problem instanceof JsonProblem ? placeIn(problem, text, start, false) : problem
    }
    this.envelope.add(path, factOf(text))
  }

  private flush(): void {
    this.events.push(...this.tables.flush())
    this.waiting = 0
  }

  private drain(): Array<TableEvent> {
    const { events } = this
    this.events = []
    return events
  }
}

/** A problem inside one value, by its byte in the file; only what is `last` in it can be cut short. */
const placeIn = (problem: JsonProblem, text: string, start: number, last: boolean): JsonProblem =>
  new JsonProblem(problem.message, start + Buffer.byteLength(text.slice(0, problem.at)), last && problem.incomplete)
