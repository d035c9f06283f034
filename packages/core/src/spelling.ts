/** Typing errors, for messages that say what was most likely meant. */

/** Letters to add, remove or change to come from one word to the other; two neighbours that changed places count once. */
const distance = (a: string, b: string): number => {
  const rows: Array<ReadonlyArray<number>> = [Array.from({ length: b.length + 1 }, (_, j) => j)]
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const swapped =
        i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
          ? (rows[i - 2]?.[j - 2] ?? 0) + 1
          : Number.POSITIVE_INFINITY
      row.push(
        Math.min(
          (rows[i - 1]?.[j] ?? 0) + 1,
          (row[j - 1] ?? 0) + 1,
          (rows[i - 1]?.[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1),
          swapped,
        ),
      )
    }
    rows.push(row)
  }
  return rows[a.length]?.[b.length] ?? 0
}

/** The known word that `word` most likely stands for; `undefined` when none is near. */
export const likelyMeant = (word: string, known: ReadonlyArray<string>): string | undefined => {
  const asked = word.toLowerCase()
  const [nearest] = known
    .map((one) => ({
      one,
      far:
        one.toLowerCase().startsWith(asked) || asked.startsWith(one.toLowerCase())
          ? 1
          : distance(asked, one.toLowerCase()),
    }))
    .toSorted((a, b) => a.far - b.far)
  return nearest !== undefined && nearest.far <= Math.max(1, Math.min(2, Math.floor(word.length / 3)))
    ? nearest.one
    : undefined
}
