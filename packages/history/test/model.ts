/**
 * The history on paper: copies of rows that came and went, as sets. It is what the SQL does, in the fewest words, so that the rules can be
 * read and tried without an engine.
 */

/** A copy of a row at an instant: `row` is its identity, `copy` its number among equals. */
interface Mark {
  readonly row: string
  readonly copy: number
  at: number
}

const same = (a: Omit<Mark, "at">, b: Omit<Mark, "at">): boolean => a.row === b.row && a.copy === b.copy

const copiesOf = (rows: ReadonlyArray<string>): ReadonlyArray<Omit<Mark, "at">> => {
  const seen = new Map<string, number>()
  return rows.map((row) => {
    const copy = (seen.get(row) ?? 0) + 1
    seen.set(row, copy)
    return { row, copy }
  })
}

/** One timeline. */
export class ModelTimeline {
  added: ReadonlyArray<Mark> = []
  removed: ReadonlyArray<Mark> = []
  instants: ReadonlyArray<number> = []

  /** The rows at an instant, sorted. */
  asOf(at: number): ReadonlyArray<string> {
    return this.#copiesAsOf(at)
      .map(({ row }) => row)
      .toSorted()
  }

  #copiesAsOf(at: number): ReadonlyArray<Mark> {
    return this.added.filter(
      (came) => came.at <= at && !this.removed.some((went) => same(went, came) && went.at > came.at && went.at <= at),
    )
  }

  /** Places an extraction. What it brings is new here and no longer new after; what it lacks leaves here and comes back after. */
  place(at: number, rows: ReadonlyArray<string>): void {
    const before = this.#copiesAsOf(at)
    const now = copiesOf(rows)
    const after = this.instants.find((one) => one > at)
    const adds = now.filter((copy) => !before.some((one) => same(one, copy)))
    const drops = before.filter((copy) => !now.some((one) => same(one, copy)))
    if (after !== undefined) {
      const cameLater = (copy: Omit<Mark, "at">): boolean =>
        this.added.some((one) => one.at === after && same(one, copy))
      const wentLater = (copy: Omit<Mark, "at">): boolean =>
        this.removed.some((one) => one.at === after && same(one, copy))
      const leave = adds.filter((copy) => !cameLater(copy))
      const comeBack = drops.filter((copy) => !wentLater(copy))
      this.added = this.added.filter((one) => one.at !== after || !adds.some((copy) => same(one, copy)))
      this.removed = this.removed.filter((one) => one.at !== after || !drops.some((copy) => same(one, copy)))
      this.removed = [...this.removed, ...leave.map(({ row, copy }) => ({ row, copy, at: after }))]
      this.added = [...this.added, ...comeBack.map(({ row, copy }) => ({ row, copy, at: after }))]
    }
    this.added = [...this.added, ...adds.map((copy) => ({ ...copy, at }))]
    this.removed = [...this.removed, ...drops.map(({ row, copy }) => ({ row, copy, at }))]
    this.instants = [...this.instants, at].toSorted((a, b) => a - b)
  }

  /** Takes an extraction out: its changes become those of the extraction after, and cancel there. */
  drop(at: number): void {
    if (!this.instants.includes(at)) return
    this.instants = this.instants.filter((one) => one !== at)
    const after = this.instants.find((one) => one > at)
    if (after === undefined) {
      this.added = this.added.filter((one) => one.at !== at)
      this.removed = this.removed.filter((one) => one.at !== at)
      return
    }
    const passing = this.added.filter(
      (one) => one.at === at && this.removed.some((went) => went.at === after && same(went, one)),
    )
    const returning = this.removed.filter(
      (one) => one.at === at && this.added.some((came) => came.at === after && same(came, one)),
    )
    const isIn = (list: ReadonlyArray<Mark>, one: Mark): boolean => list.some((other) => same(other, one))
    this.added = this.added.filter(
      (one) => !(one.at === at && isIn(passing, one)) && !(one.at === after && isIn(returning, one)),
    )
    this.removed = this.removed.filter(
      (one) => !(one.at === after && isIn(passing, one)) && !(one.at === at && isIn(returning, one)),
    )
    for (const one of [...this.added, ...this.removed]) if (one.at === at) one.at = after
  }
}

/** The same questions answered without a history: every state kept whole. */
export class Oracle {
  readonly states = new Map<number, ReadonlyArray<string>>()

  /** The rows at an instant, sorted: those of the newest state by then. */
  asOf(at: number): ReadonlyArray<string> {
    const newest = Math.max(...[...this.states.keys()].filter((one) => one <= at))
    return (this.states.get(newest) ?? []).toSorted()
  }
}
