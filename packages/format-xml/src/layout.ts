/** Where the records of a document are, and which of its elements are rows of their own: decided on its shapes. */
import { isPluralOf, localName } from "./markup/names.ts"
import type { Shape } from "./survey.ts"

/** The document's elements, decided. */
export interface Layout {
  readonly document: Shape
  /** The names from the root to the record. */
  readonly record: ReadonlyArray<string>
  /** Elements that are rows of a table, not columns of their parent. */
  readonly lists: ReadonlySet<Shape>
  /** Elements that are one text, whatever is marked inside. */
  readonly mixed: ReadonlySet<Shape>
}

const childrenOf = (shape: Shape): ReadonlyArray<Shape> => [...shape.children.values()]

/** `titulaires` with nothing but `titulaire`: a list, even where this file has one in each. */
const isWrapped = (parent: Shape, child: Shape): boolean =>
  parent.children.size === 1 && parent.attributes.size === 0 && !parent.text && isPluralOf(parent.name, child.name)

const endsWith = (path: ReadonlyArray<string>, end: ReadonlyArray<string>): boolean =>
  end.length <= path.length &&
  end.every((name, index) => {
    const here = path[path.length - end.length + index] ?? ""
    return here === name || localName(here) === name
  })

const namesOf = (path: string): ReadonlyArray<string> => path.split("/").filter((name) => name !== "")

const largest = (shapes: ReadonlyArray<Shape>): Shape | undefined =>
  shapes.reduce<Shape | undefined>(
    (best, shape) => (best === undefined || shape.size > best.size ? shape : best),
    undefined,
  )

const sizeOf = (shapes: ReadonlyArray<Shape>): number => shapes.reduce((sum, shape) => sum + shape.size, 0)

/**
 * Goes down from the root while one element holds most of what there is, to the first level where repeated elements do; the largest of these
 * is the record. Without such a level the document is one record.
 */
const findRecord = (root: Shape, lists: ReadonlySet<Shape>): ReadonlyArray<string> => {
  const path = [root.name]
  for (let here: Shape | undefined = root; here !== undefined;) {
    const children: ReadonlyArray<Shape> = childrenOf(here)
    const half = sizeOf(children) / 2
    const repeated = children.filter((child) => lists.has(child))
    const record = largest(repeated)
    if (record !== undefined && sizeOf(repeated) > half) return [...path, record.name]
    const next = largest(children)
    here = next !== undefined && next.size > half ? next : undefined
    if (here !== undefined) path.push(here.name)
  }
  return [root.name]
}

/** Paths from the root whose elements repeat, those that hold most first. */
export const repeatedPaths = (document: Shape): ReadonlyArray<string> => {
  const found: Array<{ readonly path: string; readonly size: number }> = []
  const visit = (shape: Shape, path: string): void => {
    for (const child of shape.children.values()) {
      const here = path === "" ? child.name : `${path}/${child.name}`
      if (child.most > 1) found.push({ path: here, size: child.size })
      visit(child, here)
    }
  }
  visit(document, "")
  return found.toSorted((a, b) => b.size - a.size).map(({ path }) => path)
}

/** The shallowest element whose path ends as asked. */
const askedRecord = (document: Shape, asked: ReadonlyArray<string>): ReadonlyArray<string> | undefined => {
  let level: ReadonlyArray<{ readonly shape: Shape; readonly path: ReadonlyArray<string> }> = [
    { shape: document, path: [] },
  ]
  while (level.length > 0) {
    level = level.flatMap(({ shape, path }) =>
      childrenOf(shape).map((child) => ({ shape: child, path: [...path, child.name] })),
    )
    const found = level.find(({ path }) => endsWith(path, asked))
    if (found !== undefined) return found.path
  }
  return undefined
}

/** The layout of a surveyed document; `undefined` when nothing has the path that was asked for. */
export const layoutOf = (
  document: Shape,
  options: { readonly record?: string; readonly lists?: ReadonlyArray<string> },
): Layout | undefined => {
  const lists = new Set<Shape>()
  const mixed = new Set<Shape>()
  const asked = (options.lists ?? []).map(namesOf)
  const visit = (shape: Shape, path: ReadonlyArray<string>): void => {
    for (const child of shape.children.values()) {
      const here = [...path, child.name]
      if (child.most > 1 || isWrapped(shape, child) || asked.some((end) => endsWith(here, end))) lists.add(child)
      // Prose has text after its elements. One stray text in a thousand records does not make them prose.
      if (child.mixed * 2 > child.nested) mixed.add(child)
      visit(child, here)
    }
  }
  visit(document, [])
  const [root] = childrenOf(document)
  if (root === undefined) return undefined
  const record = options.record === undefined ? findRecord(root, lists) : askedRecord(document, namesOf(options.record))
  return record === undefined ? undefined : { document, record, lists, mixed }
}
