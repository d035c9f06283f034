/** A sample of a table while it is staged: all of a small one, else the first rows of batches from all over it. */
import type { Batch, Cell } from "@opendatahub-sql/core"
import type { SampleRows } from "./untyped.ts"

/** Cells that are kept; a table that has no more is its own sample. */
const MOST_CELLS = 50_000
/** Batches that a large table's sample is made of, at least half of it. */
const BLOCKS = 64

interface Block {
  readonly rows: number
  readonly columns: ReadonlyArray<ReadonlyArray<Cell>>
}

/** A cell that holds on to nothing: one cut from a larger text or buffer keeps all of that alive. */
const own = (cell: Cell): Cell =>
  typeof cell === "string" ? Buffer.from(cell).toString() : cell instanceof Uint8Array ? new Uint8Array(cell) : cell

/** What an engine's query would give of a cell: text, or bytes. */
const shown = (cell: Cell | undefined): unknown =>
  cell === undefined || cell === null || typeof cell === "string" || cell instanceof Uint8Array
    ? (cell ?? null)
    : String(cell)

export class StagingSample {
  private blocks: Array<Block> = []
  private cells = 0
  private whole = true
  private batches = 0
  /** Of this many batches one is kept. */
  private every = 1

  add({ size, columns }: Batch): void {
    if (this.batches++ % this.every !== 0) return
    this.blocks.push({ rows: size, columns })
    this.cells += size * columns.length
    if (this.cells > MOST_CELLS) this.thin()
  }

  /** The rows, `width` columns each. */
  rows(width: number): SampleRows {
    const columns = Array.from({ length: width }, (_, column) =>
      this.blocks.flatMap(({ rows, columns }) =>
        Array.from({ length: rows }, (__, row) => shown(columns[column]?.[row])),
      ),
    )
    return { columns, whole: this.whole }
  }

  private thin(): void {
    this.whole = false
    if (this.blocks.length > BLOCKS) {
      this.blocks = this.blocks.filter((_, index) => index % 2 === 0)
      this.every *= 2
    }
    this.blocks = this.blocks.map(({ rows, columns }, index) => {
      // The head counts for more: it is where most files show what they hold.
      const share = MOST_CELLS / (index === 0 ? 2 : BLOCKS * 4)
      const kept = Math.min(rows, Math.max(1, Math.floor(share / Math.max(1, columns.length))))
      return kept === rows
        ? { rows, columns }
        : { rows: kept, columns: columns.map((cells) => cells.slice(0, kept).map(own)) }
    })
    this.cells = this.blocks.reduce((sum, { rows, columns }) => sum + rows * columns.length, 0)
  }
}
