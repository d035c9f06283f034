/** Chunks of text in, table events out: the pure middle of `read`. */
import type { JsonObject, TableEvent } from "@opendatahub-sql/core"
import { Envelope } from "./envelope.ts"
import type { Layout } from "./layout.ts"
import { isBlank } from "./markup/characters.ts"
import { isNamespace, isNil, localName } from "./markup/names.ts"
import { Tokenizer, type Visitor } from "./markup/tokenizer.ts"
import type { Shape } from "./survey.ts"
import { BATCH_ROWS, type Field, type Table, Tables } from "./tables.ts"

/** The table of the records. */
const MAIN = "main"
/** Characters that may wait over all tables of a file. */
const BATCH_CHARACTERS = 262_144

/** An element around the records: it becomes facts. */
interface Around {
  readonly is: "around"
  readonly shape: Shape | undefined
  readonly path: ReadonlyArray<string>
  /** Whether the record may be inside. */
  readonly leads: boolean
  /** Names met inside that are no lists. */
  readonly seen: Set<string>
  text: string
}
/** An element of a row. */
interface Inside {
  readonly is: "inside"
  /** Its place; `undefined` when its table is full, then `path` says where it would be. */
  readonly field: Field | undefined
  readonly path: string
  readonly table: Table
  /** Whether the row ends with it. */
  readonly isRow: boolean
  readonly isNil: boolean
  hasElements: boolean
  text: string
}
type Frame = Around | Inside

export class Reader {
  private readonly layout: Layout
  private readonly tables: Tables
  private readonly tokenizer: Tokenizer
  private readonly envelope = new Envelope()
  /** Tables of the records and of lists beside them, by path from the root. */
  private readonly tops = new Map<string, Table | undefined>()
  private readonly late = new Set<string>()
  private readonly prose = new Set<string>()
  private readonly stack: Array<Frame> = []
  private frame: Frame
  /** The text since the last tag. */
  private run = ""
  /** Levels inside an element that is one text. */
  private inText = 0
  private flushedAt = 0
  private events: Array<TableEvent> = []

  constructor(layout: Layout, bytesOf: (text: string) => number, mark: number) {
    this.layout = layout
    this.tables = new Tables(layout)
    const visitor: Visitor = { open: this.open, text: this.text, close: this.close }
    this.tokenizer = new Tokenizer(visitor, bytesOf, mark)
    this.frame = { is: "around", shape: layout.document, path: [], leads: true, seen: new Set(), text: "" }
    let shape: Shape | undefined = layout.document
    for (const name of layout.record) shape = shape?.children.get(name)
    const label = localName(layout.record.at(-1) ?? MAIN)
    this.tops.set(layout.record.join("/"), this.tables.table(MAIN, undefined, label, shape))
  }

  /** The events that this text completes. */
  push(text: string): Array<TableEvent> {
    if (text !== "") this.tokenizer.push(text)
    return this.drain()
  }

  /** The last events; call after the last chunk. */
  end(facts: JsonObject): Array<TableEvent> {
    this.tokenizer.end()
    this.flush()
    this.events.push({
      _tag: "Facts",
      facts: {
        ...facts,
        record: this.layout.record.join("/"),
        ...(this.late.size > 0 ? { repeatedLate: [...this.late] } : {}),
        ...(this.prose.size > 0 ? { prose: [...this.prose] } : {}),
        ...(Object.keys(this.envelope.facts).length > 0 ? { envelope: { ...this.envelope.facts } } : {}),
        ...(this.envelope.omitted > 0 ? { envelopeOmitted: this.envelope.omitted } : {}),
      },
    })
    return this.drain()
  }

  private readonly text = (text: string): void => {
    this.run = this.run === "" ? text : this.run + text
  }

  private readonly open = (name: string, attributes: ReadonlyArray<string>): void => {
    if (this.inText > 0) {
      this.inText++
      return
    }
    this.endRun()
    const parent = this.frame
    this.stack.push(parent)
    this.frame =
      parent.is === "around" ? this.openAround(parent, name, attributes) : this.openInside(parent, name, attributes)
    if (this.frame.is === "inside" && this.frame.field?.isText === true) this.inText = 1
  }

  private readonly close = (): void => {
    if (this.inText > 1) {
      this.inText--
      if (this.frame.is === "inside") {
        this.frame.hasElements = true
        this.prose.add(`${this.frame.table.name}.${this.frame.path}`)
      }
      return
    }
    this.inText = 0
    this.endRun()
    const { frame } = this
    this.frame = this.stack.pop() ?? frame
    if (frame.is === "around") {
      if (frame.text !== "") this.envelope.add(frame.path, frame.text.trim())
    } else this.closeInside(frame)
  }

  /** The text before a tag belongs to the element it is in; white space between elements to none. */
  private endRun(): void {
    const { run, frame } = this
    if (run === "") return
    this.run = ""
    if (!isBlank(run)) frame.text += run
  }

  private openAround(parent: Around, name: string, attributes: ReadonlyArray<string>): Frame {
    const depth = this.stack.length
    const { record } = this.layout
    const leads = parent.leads && record[depth - 1] === name
    const shape = parent.shape?.children.get(name)
    const isRecord = leads && depth === record.length
    const again = parent.seen.has(name)
    const isList = shape !== undefined && this.layout.lists.has(shape)
    const path = depth === 1 ? [] : [...parent.path, localName(name)]
    if (isRecord || (!leads && (isList || again))) {
      const table = this.topTable(path, name, shape, isRecord)
      if (table !== undefined) {
        if (!isRecord && !isList) this.late.add(path.join("."))
        this.tables.begin(table)
        return this.inside(table.root, table, true, attributes)
      }
    }
    parent.seen.add(name)
    this.eachAttribute(attributes, (attribute, value) => this.envelope.add([...path, localName(attribute)], value))
    return { is: "around", shape, path, leads, seen: new Set(), text: "" }
  }

  private topTable(
    path: ReadonlyArray<string>,
    name: string,
    shape: Shape | undefined,
    isRecord: boolean,
  ): Table | undefined {
    const key = isRecord ? this.layout.record.join("/") : `beside/${path.join("/")}/${name}`
    if (!this.tops.has(key)) this.tops.set(key, this.tables.table(path.join("__"), undefined, localName(name), shape))
    return this.tops.get(key)
  }

  private openInside(parent: Inside, name: string, attributes: ReadonlyArray<string>): Inside {
    parent.hasElements = true
    const field = parent.field === undefined ? undefined : this.tables.element(parent.field, name)
    if (field === undefined) return this.beyond(parent, name, attributes)
    const again = field.seen === field.table.row
    if (!field.isList && !again) {
      field.seen = field.table.row
      return this.inside(field, field.table, false, attributes)
    }
    const table = this.tables.rowsOf(field)
    if (table === undefined) return this.beyond(parent, name, attributes)
    if (!field.isList) this.late.add(`${field.table.name}.${field.path}`)
    this.tables.begin(table)
    return this.inside(table.root, table, true, attributes)
  }

  private inside(field: Field, table: Table, isRow: boolean, attributes: ReadonlyArray<string>): Inside {
    this.eachAttribute(attributes, (name, value) => this.tables.setAttribute(field, name, value))
    return {
      is: "inside",
      field,
      path: field.path,
      table,
      isRow,
      isNil: isNil(attributes),
      hasElements: false,
      text: "",
    }
  }

  private beyond(parent: Inside, name: string, attributes: ReadonlyArray<string>): Inside {
    const { table } = parent
    const path = parent.path === "" ? localName(name) : `${parent.path}.${localName(name)}`
    this.eachAttribute(attributes, (attribute, value) => this.tables.setOther(table, `${path}@${attribute}`, value))
    return { is: "inside", field: undefined, path, table, isRow: false, isNil: false, hasElements: false, text: "" }
  }

  private eachAttribute(attributes: ReadonlyArray<string>, use: (name: string, value: string) => void): void {
    for (let i = 0; i < attributes.length; i += 2) {
      const name = attributes[i] ?? ""
      if (name !== "xsi:nil" && !isNamespace(name)) use(name, attributes[i + 1] ?? "")
    }
  }

  private closeInside(frame: Inside): void {
    const { field, table, hasElements } = frame
    const text = hasElements ? frame.text.trim() : frame.text
    if (field === undefined) {
      if (text !== "") this.tables.setOther(table, frame.path, text)
    } else if (text !== "") this.tables.setText(field, text)
    else if (!hasElements && !frame.isNil) {
      // An element that is there and empty is the empty text, where it can be a text at all.
      if (field.text !== undefined || (field.attributes.size === 0 && field.elements.size === 0))
        this.tables.setText(field, "")
    }
    if (!frame.isRow) return
    this.tables.end(table)
    if (this.tables.fullest >= BATCH_ROWS || this.tokenizer.position - this.flushedAt >= BATCH_CHARACTERS) this.flush()
  }

  private flush(): void {
    this.events.push(...this.tables.flush())
    this.flushedAt = this.tokenizer.position
  }

  private drain(): Array<TableEvent> {
    const { events } = this
    this.events = []
    return events
  }
}
