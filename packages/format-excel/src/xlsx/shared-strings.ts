/** The strings of an xlsx, kept once for all its cells: as bytes, half the size of strings of their own, and no object each. */
import { WorkbookProblem } from "../problem.ts"
import type { Archive } from "../zip/archive.ts"
import { localName, readXml } from "../zip/xml.ts"
import { stringText } from "./string-text.ts"

const BLOCK_BYTES = 4_194_304
/** Bytes of text of one workbook. Excel itself does not open what comes near. */
const MOST_BYTES = 268_435_456
/** Strings that were asked for lately, by the end of their number. */
const RECENT = 16_384
/** Longer ones are not kept, in bytes. */
const LONGEST_RECENT = 256

export class SharedStrings {
  private readonly blocks: Array<Buffer> = []
  private used = BLOCK_BYTES
  /** Of each string: its block, and where it begins and ends there. */
  private places = new Uint32Array(3_072)
  private count = 0
  private readonly recent: Array<string | undefined> = Array.from({ length: RECENT })
  private readonly recentIndex = new Int32Array(RECENT).fill(-1)

  add(text: string): void {
    const most = text.length * 3
    const enough = this.used + most <= (this.blocks.at(-1)?.length ?? 0)
    if (!enough) {
      if ((this.blocks.length + 1) * BLOCK_BYTES > MOST_BYTES)
        throw new WorkbookProblem(
          `its cells hold more than ${MOST_BYTES} bytes of different texts`,
          "ask its publisher for CSV: a workbook of this size must be held in memory",
        )
      this.blocks.push(Buffer.allocUnsafe(Math.max(BLOCK_BYTES, most)))
      this.used = 0
    }
    const block = this.blocks.length - 1
    const end = this.used + (this.blocks[block]?.write(text, this.used) ?? 0)
    const at = this.count * 3
    if (at === this.places.length) {
      const wider = new Uint32Array(at * 2)
      wider.set(this.places)
      this.places = wider
    }
    this.places[at] = block
    this.places[at + 1] = this.used
    this.places[at + 2] = end
    this.used = end
    this.count++
  }

  get(index: number): string | undefined {
    if (!(index >= 0 && index < this.count)) return undefined
    const slot = index % RECENT
    if (this.recentIndex[slot] === index) return this.recent[slot]
    const at = index * 3
    const block = this.places[at] as number
    const start = this.places[at + 1] as number
    const end = this.places[at + 2] as number
    const text = this.blocks[block]?.toString("utf8", start, end)
    if (end - start <= LONGEST_RECENT) {
      this.recent[slot] = text
      this.recentIndex[slot] = index
    }
    return text
  }
}

/** Reads them all. Formatting within a text is left out, and so is its reading aid (`rPh`: furigana). */
export const readSharedStrings = async (archive: Archive, part: string | undefined): Promise<SharedStrings> => {
  const strings = new SharedStrings()
  if (part === undefined) return strings
  let text = ""
  let inText = false
  let inAid = false
  await readXml(part, archive.unpack(part), {
    open: (name) => {
      const local = localName(name)
      if (local === "si") text = ""
      else if (local === "rPh") inAid = true
      else inText = local === "t" && !inAid
    },
    text: (piece) => {
      if (inText) text += piece
    },
    close: (name) => {
      const local = localName(name)
      if (local === "si") strings.add(stringText(text))
      else if (local === "rPh") inAid = false
      inText = false
    },
  })
  return strings
}
