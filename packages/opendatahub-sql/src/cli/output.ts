/** Where words go: results to standard output, everything else to standard error. */
import type { ProgressEvent } from "@opendatahub-sql/core"
import { bytesText, countText, rowsText } from "./numbers.ts"

/** A cell of a printed table; bytes are only counted, as a terminal may obey them. */
export type Printed = Uint8Array | string | number | bigint | boolean | null | undefined

/** The output of one command. */
export interface Output {
  readonly json: boolean
  /** One result: JSON with `--json`, else the lines that `text` makes. */
  readonly result: (value: unknown, text: () => string) => void
  /** The result for the file of `--result` alone: what was printed line by line is one value there. */
  readonly keep: (value: unknown) => void
  /** The result so far. */
  readonly kept: () => unknown
  /** One JSON line on standard output, always. */
  readonly line: (value: unknown) => void
  /** A remark for people (or a JSON log line), on standard error. */
  readonly note: (message: string, fields?: Readonly<Record<string, unknown>>) => void
  readonly progress: (event: ProgressEvent) => void
  /** Ends the live lines. */
  readonly finish: () => void
}

/** Integers and bytes that JSON has no form for as text. */
export const exactJson = (value: unknown): string =>
  JSON.stringify(value, (_, one: unknown) =>
    typeof one === "bigint" ? String(one) : one instanceof Uint8Array ? Buffer.from(one).toString("base64") : one,
  )

const cellText = (value: Printed): string =>
  value === null || value === undefined
    ? ""
    : value instanceof Uint8Array
      ? `${value.length} bytes`
      : String(value).replaceAll(/[\r\n\t]+/g, " ")

/** Rows as an aligned table; numbers to the right; cells cut at 60 characters. */
export const tableText = (head: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<Printed>>): string => {
  const cells = rows.map((row) =>
    row.map((value) => {
      const text = typeof value === "number" ? countText(value) : cellText(value)
      return text.length > 60 ? `${text.slice(0, 59)}…` : text
    }),
  )
  const widths = head.map((name, c) => Math.max(name.length, ...cells.map((row) => (row[c] ?? "").length)))
  const right = head.map(
    (_, c) =>
      rows.length > 0 &&
      rows.every(
        (row) => row[c] === null || row[c] === undefined || typeof row[c] === "number" || typeof row[c] === "bigint",
      ),
  )
  const line = (row: ReadonlyArray<string>): string =>
    row
      .map((text, c) => (right[c] === true ? text.padStart(widths[c] ?? 0) : text.padEnd(widths[c] ?? 0)))
      .join("  ")
      .trimEnd()
  return [line(head), line(widths.map((width) => "─".repeat(width))), ...cells.map(line)].join("\n")
}

interface LiveItem {
  readonly event: ProgressEvent
  readonly since: number
}

/** Live lines: one for each item at work, redrawn at most ten times a second. */
const liveLines = (stream: NodeJS.WriteStream) => {
  const items = new Map<string, LiveItem>()
  let drawn = 0
  let last = 0
  const wipe = (): void => {
    if (drawn > 0) stream.write(`\u001b[${drawn}A\u001b[0J`)
    drawn = 0
  }
  const lineOf = ({ event, since }: LiveItem): string => {
    const seconds = (Date.now() - since) / 1_000
    const title = event.title.length > 40 ? `${event.title.slice(0, 39)}…` : event.title.padEnd(40)
    if (event.stage !== "fetch" || event.received === undefined)
      return `  ${title} ${event.stage === "fetch" ? "fetching" : event.stage === "read" ? "reading" : "loading"}`
    const rate = seconds > 0.2 ? event.received / seconds : 0
    const left =
      event.total !== undefined && rate > 0 ? `, ${Math.ceil((event.total - event.received) / rate)} s left` : ""
    return `  ${title} ${bytesText(event.received)}${event.total === undefined ? "" : ` of ${bytesText(event.total)}`}${rate > 0 ? `, ${bytesText(rate)}/s` : ""}${left}`
  }
  const draw = (force: boolean): void => {
    const now = Date.now()
    if (!force && now - last < 100) return
    last = now
    wipe()
    const width = stream.columns > 0 ? stream.columns : 80
    for (const item of items.values()) {
      stream.write(`${lineOf(item).slice(0, width - 1)}\n`)
      drawn++
    }
  }
  return {
    show: (event: ProgressEvent): void => {
      if (event.stage === "done") {
        items.delete(event.resource)
        wipe()
        stream.write(
          `  ${event.title.slice(0, 60)}: ${event.status ?? "done"}${event.rows === undefined || event.rows === 0 ? "" : `, ${rowsText(event.rows)}`}\n`,
        )
        draw(true)
      } else {
        const known = items.get(event.resource)
        items.set(event.resource, { event, since: known?.event.stage === event.stage ? known.since : Date.now() })
        draw(known === undefined)
      }
    },
    around: (write: () => void): void => {
      wipe()
      write()
      draw(true)
    },
    finish: (): void => {
      wipe()
      items.clear()
    },
  }
}

/** The output that the options and the terminal ask for. */
export const makeOutput = (options: { readonly json: boolean; readonly quiet: boolean }): Output => {
  const { stderr, stdout } = process
  const live = stderr.isTTY && !options.json && !options.quiet ? liveLines(stderr) : undefined
  const logLine = (fields: Readonly<Record<string, unknown>>): void => {
    stderr.write(`${exactJson({ at: new Date().toISOString(), ...fields })}\n`)
  }
  let kept: unknown
  return {
    json: options.json,
    keep: (value) => {
      kept = value
    },
    kept: () => kept,
    result: (value, text) => {
      kept = value
      stdout.write(options.json ? `${exactJson(value)}\n` : `${text()}\n`)
    },
    line: (value) => {
      stdout.write(`${exactJson(value)}\n`)
    },
    note: (message, fields = {}) => {
      if (options.json) logLine({ level: "info", message, ...fields })
      else if (live !== undefined) live.around(() => stderr.write(`${message}\n`))
      else stderr.write(`${message}\n`)
    },
    progress: (event) => {
      if (options.quiet) return
      if (live !== undefined) live.show(event)
      else if (event.stage === "done") {
        if (options.json)
          logLine({
            level: "info",
            message: "resource done",
            resource: event.resource,
            title: event.title,
            status: event.status,
            rows: event.rows,
          })
        else
          stderr.write(
            `${event.title}: ${event.status ?? "done"}${event.rows === undefined || event.rows === 0 ? "" : `, ${rowsText(event.rows)}`}\n`,
          )
      }
    },
    finish: () => live?.finish(),
  }
}
