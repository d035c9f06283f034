/** The portal's exports: `;` between cells, quotes doubled inside quotes, line feeds in cells. */

/** Whole records of a text, and where the first that is not whole begins. */
interface Cut {
  readonly rows: ReadonlyArray<ReadonlyArray<string>>
  readonly next: number
}

const QUOTE = 34
const SEMICOLON = 59

/** The cell at `at` and where it ends; `undefined` when it goes on after the text. */
const quoted = (
  text: string,
  at: number,
  isLast: boolean,
): { readonly cell: string; readonly end: number } | undefined => {
  let from = at + 1
  for (let cell = ""; ;) {
    const close = text.indexOf('"', from)
    if (close < 0 || (close + 1 === text.length && !isLast)) return undefined
    cell += text.slice(from, close)
    if (text.charCodeAt(close + 1) !== QUOTE) return { cell, end: close + 1 }
    cell += '"'
    from = close + 2
  }
}

const END = /[;\r\n]/g

const plain = (text: string, at: number, isLast: boolean) => {
  END.lastIndex = at
  const end = END.exec(text)?.index ?? (isLast ? text.length : -1)
  return end < 0 ? undefined : { cell: text.slice(at, end), end }
}

/** Cuts records; `isLast`: nothing comes after the text. */
const cut = (text: string, isLast: boolean): Cut => {
  const rows: Array<ReadonlyArray<string>> = []
  let next = 0
  while (next < text.length) {
    const row: Array<string> = []
    let at = next
    for (;;) {
      const found = text.charCodeAt(at) === QUOTE ? quoted(text, at, isLast) : plain(text, at, isLast)
      if (found === undefined || (found.end === text.length && !isLast)) return { rows, next }
      row.push(found.cell)
      at = found.end
      if (text.charCodeAt(at) !== SEMICOLON) break
      at += 1
    }
    if (text.startsWith("\r\n", at)) at += 2
    else if (at + 1 === text.length && text[at] === "\r" && !isLast) return { rows, next }
    else if (at < text.length) at += 1
    if (row.length > 1 || row[0] !== "") rows.push(row)
    next = at
  }
  return { rows, next }
}

/** A reader of records over pieces of text: `read` gives those that are whole, `end` the rest, or `undefined` when the text stops inside a cell. */
export const rowReader = () => {
  let rest = ""
  return {
    read: (text: string): Cut["rows"] => {
      rest += text
      const { rows, next } = cut(rest, false)
      rest = rest.slice(next)
      return rows
    },
    end: (): Cut["rows"] | undefined => {
      const { rows, next } = cut(rest, true)
      return next < rest.length ? undefined : rows
    },
  }
}
