/** The outline of a file: which objects and lists it is made of, and how large they are. Nothing below a list is looked at. */
import { type Visitor, Walker } from "@opendatahub-sql/core/json"

/** Members whose own outline is kept; of the others only the kinds are counted. */
const MEMBERS_KEPT = 1_000
/** Members of one object that are entered: enough to tell whether they are alike. */
const OBJECTS_ENTERED = 256
const DEEPEST = 12
/** A list at the root needs no more: what its items are shows at once. */
const LIST_BYTES = 1_048_576

/** A value of the outer structure; sizes in bytes. */
export interface Outline {
  readonly kind: "object" | "array" | "string" | "scalar"
  readonly start: number
  end: number
  /** Members of an object or items of a list, by kind. */
  readonly counts: Record<"object" | "array" | "string" | "scalar", number>
  /** Keys that read like codes, dates or numbers. */
  idKeys: number
  readonly members: Map<string, Outline>
}

/** What a file is made of: its first value, and whether others follow. */
export interface Survey {
  readonly root: Outline | undefined
  readonly sequence: boolean
}

const ID_KEY = /^(?:\d[\w.:+-]*|[A-Z]{1,4}[-_:]?\d[\w:-]*|[0-9a-f]{8}-?[0-9a-f-]{8,})$/

interface Context {
  readonly outline: Outline
  readonly depth: number
}

const outlineOf = (kind: Outline["kind"], start: number, end = start): Outline => ({
  kind,
  start,
  end,
  counts: { object: 0, array: 0, string: 0, scalar: 0 },
  idKeys: 0,
  members: new Map(),
})

/** Surveys the chunks it is given; `done` when the rest of the file cannot change the answer. */
export class Surveyor {
  private readonly file: Outline = outlineOf("array", 0)
  private readonly walker: Walker<Context>
  private root: Outline | undefined
  private seen = 0

  /** `start`: the byte of the file that the first chunk begins at. */
  constructor(start: number) {
    const visitor: Visitor<Context> = {
      open: (context, key, kind, start) => {
        const outline = outlineOf(kind, start)
        const parent = context.outline
        const known = this.add(context, key, outline)
        if (parent === this.file) return { outline, depth: 0 }
        const enter =
          parent.kind === "object" &&
          known &&
          context.depth < DEEPEST &&
          (kind === "array" || parent.counts.object <= OBJECTS_ENTERED)
        return enter ? { outline, depth: context.depth + 1 } : "skip"
      },
      close: (context, end) => {
        context.outline.end = end
      },
      value: (context, key, value) => {
        const known = key === undefined ? undefined : context.outline.members.get(key)
        // A container that was skipped: it was added when it began.
        if (value.kind === "object" || value.kind === "array") {
          if (known !== undefined) known.end = value.end
        } else this.add(context, key, outlineOf(value.kind, value.start, value.end))
      },
    }
    this.walker = new Walker(visitor, { outline: this.file, depth: -1 }, start, true)
  }

  private get values(): number {
    const { object, array, string, scalar } = this.file.counts
    return object + array + string + scalar
  }

  get done(): boolean {
    return this.values > 1 || (this.root?.kind === "array" && this.seen >= LIST_BYTES)
  }

  push(chunk: Uint8Array): void {
    this.walker.push(chunk)
    this.seen += chunk.length
  }

  end(): Survey {
    if (!this.done) this.walker.end()
    if (this.root !== undefined && this.root.end === this.root.start) this.root.end = this.seen
    return { root: this.root, sequence: this.values > 1 }
  }

  private add(context: Context, key: string | undefined, outline: Outline): boolean {
    const parent = context.outline
    parent.counts[outline.kind]++
    if (parent === this.file) this.root ??= outline
    if (key === undefined) return false
    if (ID_KEY.test(key)) parent.idKeys++
    if (parent.members.size >= MEMBERS_KEPT) return false
    parent.members.set(key, outline)
    return true
  }
}
