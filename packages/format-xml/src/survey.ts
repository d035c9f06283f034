/** What a document is made of: elements by path, what they hold, how often they repeat. */
import { isBlank } from "./markup/characters.ts"
import { isNamespace } from "./markup/names.ts"
import type { Visitor } from "./markup/tokenizer.ts"

/** Paths that are kept; what comes after them is met while reading. */
const MOST_SHAPES = 20_000
const MOST_ATTRIBUTES = 1_000

/** All elements of one path. */
export interface Shape {
  /** As written, with its prefix. */
  readonly name: string
  readonly attributes: Set<string>
  readonly children: Map<string, Shape>
  count: number
  /** Most of them within one parent. */
  most: number
  /** Characters of all of them, tags included. */
  size: number
  /** Whether one holds text of its own. */
  text: boolean
  /** How many hold elements, and how many of these hold text after one. */
  nested: number
  mixed: number
}

const newShape = (name: string): Shape => ({
  name,
  attributes: new Set(),
  children: new Map(),
  count: 0,
  most: 0,
  size: 0,
  text: false,
  nested: 0,
  mixed: 0,
})

interface Frame {
  readonly shape: Shape
  readonly start: number
  /** Children by shape, to see repetition within this one. */
  readonly counts: Map<Shape, number>
  text: boolean
  textAfter: boolean
}

/** Builds the shapes of a document, or of its beginning. */
export class Survey implements Visitor {
  /** The shape of the document itself: its one child is the root element. */
  readonly document: Shape = newShape("")
  private readonly position: () => number
  private readonly stack: Array<Frame> = []
  private frame: Frame = { shape: this.document, start: 0, counts: new Map(), text: false, textAfter: false }
  private shapes = 0
  /** Levels inside a path that is not kept. */
  private beyond = 0

  /** `position` tells how many characters were read. */
  constructor(position: () => number) {
    this.position = position
  }

  readonly open = (name: string, attributes: ReadonlyArray<string>): void => {
    const shape = this.beyond > 0 ? undefined : this.shapeOf(this.frame.shape, name)
    if (shape === undefined) {
      this.beyond++
      return
    }
    const count = (this.frame.counts.get(shape) ?? 0) + 1
    this.frame.counts.set(shape, count)
    if (count > shape.most) shape.most = count
    shape.count++
    for (let i = 0; i < attributes.length; i += 2) {
      const attribute = attributes[i] ?? ""
      if (shape.attributes.size < MOST_ATTRIBUTES && !shape.attributes.has(attribute) && !isNamespace(attribute))
        shape.attributes.add(attribute)
    }
    this.stack.push(this.frame)
    this.frame = { shape, start: this.position(), counts: new Map(), text: false, textAfter: false }
  }

  readonly text = (text: string): void => {
    const { frame } = this
    if (this.beyond > 0 || (frame.text && frame.textAfter) || isBlank(text)) return
    frame.text = true
    if (frame.counts.size > 0) frame.textAfter = true
  }

  readonly close = (): void => {
    if (this.beyond > 0) this.beyond--
    else this.leave()
  }

  /** Ends what is still open: the document goes on, but nobody looks. */
  finish(): Shape {
    while (this.stack.length > 0) this.leave()
    return this.document
  }

  private leave(): void {
    const { shape, start, counts, text, textAfter } = this.frame
    shape.size += this.position() - start
    if (text) shape.text = true
    if (counts.size > 0) {
      shape.nested++
      if (textAfter) shape.mixed++
    }
    this.frame = this.stack.pop() ?? this.frame
  }

  private shapeOf(parent: Shape, name: string): Shape | undefined {
    const known = parent.children.get(name)
    if (known !== undefined || this.shapes >= MOST_SHAPES) return known
    const shape = newShape(name)
    parent.children.set(shape.name, shape)
    this.shapes++
    return shape
  }
}
