/** Finds bytes anywhere in a file, in quotes or not, across the cuts of the chunks, by native search. */
const LF = 10
const CR = 13

/** What a file holds somewhere. */
export interface Holds {
  readonly quotes: boolean
  readonly returns: boolean
  readonly nul: boolean
  readonly emptyLines: boolean
}

const lastLineEnd = (bytes: Buffer, returns: boolean): number =>
  Math.max(bytes.lastIndexOf(LF), returns ? bytes.lastIndexOf(CR) : -1)
const firstLineEnd = (bytes: Buffer, returns: boolean): number => {
  const end = bytes.indexOf(LF)
  const other = returns ? bytes.indexOf(CR) : -1
  return end < 0 || (other >= 0 && other < end) ? other : end
}

/** How many lines with nothing in them end in these bytes, the first line left out; `returns`: whether there are any CR. */
export const countEmptyLines = (bytes: Buffer, returns: boolean): number => {
  let count = 0
  for (const pair of returns ? ["\n\n", "\n\r", "\r\r"] : ["\n\n"])
    for (let at = bytes.indexOf(pair); at >= 0; at = bytes.indexOf(pair, at + 1)) count++
  return count
}

/** An accumulator of what chunks hold, and of the longest line, in bytes. */
export const finder = () => {
  const holds = { quotes: false, returns: false, nul: false, emptyLines: false }
  let last = Buffer.alloc(0)
  let sinceLineEnd = 0
  let longest = 0
  let emptyLines = 0
  return {
    holds,
    /** In quotes or not. */
    emptyLines: () => emptyLines,
    longestLine: () => Math.max(longest, sinceLineEnd),
    add: (bytes: Buffer, quote: string) => {
      holds.quotes ||= quote !== "" && bytes.includes(quote)
      holds.returns ||= bytes.includes(CR)
      holds.nul ||= bytes.includes(0)
      emptyLines +=
        countEmptyLines(bytes, holds.returns) +
        countEmptyLines(Buffer.concat([last, bytes.subarray(0, 1)]), holds.returns)
      holds.emptyLines = emptyLines > 0
      const end = lastLineEnd(bytes, holds.returns)
      longest = Math.max(longest, sinceLineEnd + (end < 0 ? bytes.length : firstLineEnd(bytes, holds.returns)))
      sinceLineEnd = end < 0 ? sinceLineEnd + bytes.length : bytes.length - 1 - end
      if (bytes.length > 0) last = Buffer.from(bytes.subarray(-1))
    },
  }
}
