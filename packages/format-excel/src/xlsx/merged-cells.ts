/** The merged cells of a sheet. They stand after its rows, but the rows cannot be understood without them: the part is scanned for them first. */
import { damaged } from "../problem.ts"
import type { Merged } from "../sheet.ts"
import { columnOf } from "./cell-reference.ts"

/** More would fill the memory. */
const MOST_MERGED = 500_000
const TAG =
  /<(?:\w+:)?mergeCell\s[^>]*?ref\s*=\s*["']\$?([A-Za-z]{1,3})\$?(\d{1,7}):\$?([A-Za-z]{1,3})\$?(\d{1,7})["'][^>]*>/g
/** Longer than any such tag. */
const CARRY = 1_024

/** By the row that they begin in, from 1. */
export const readMergedCells = async (
  part: string,
  bytes: AsyncIterable<Uint8Array>,
): Promise<ReadonlyMap<number, ReadonlyArray<Merged>>> => {
  const found = new Map<number, Array<Merged>>()
  let count = 0
  let rest = ""
  for await (const chunk of bytes) {
    // Tags are ASCII; text cannot hold one, since `<` is always escaped in it. UTF-16 is ASCII without its zeros.
    let text = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).toString("latin1")
    if (text.includes("\0")) text = text.replaceAll("\0", "")
    text = rest + text
    let end = 0
    if (text.includes("mergeCell")) {
      for (const match of text.matchAll(TAG)) {
        end = match.index + match[0].length
        if (++count > MOST_MERGED) throw damaged(`${part} has more than ${MOST_MERGED} merged cells`)
        const [left, right] = [columnOf(match[1] ?? ""), columnOf(match[3] ?? "")]
        const [top, bottom] = [Number(match[2]), Number(match[4])]
        const list = found.get(top)
        const merged = { column: left, width: right - left + 1, height: bottom - top + 1 }
        if (list === undefined) found.set(top, [merged])
        else list.push(merged)
      }
    }
    rest = text.slice(Math.max(end, text.length - CARRY))
  }
  return found
}
