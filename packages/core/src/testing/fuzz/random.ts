/** Numbers that look random and are the same for the same seed, on every machine. */

/** A source of choices. */
export interface Random {
  /** A whole number from 0 to `below` - 1; 0 when `below` is less than 1. */
  readonly int: (below: number) => number
  /** One of them; fails on an empty list. */
  readonly of: <A>(choices: ReadonlyArray<A>) => A
}

/** The choices of a seed: xorshift over 32 bits, after a mix that sets neighbouring seeds apart. */
export const seeded = (seed: number): Random => {
  let state = Math.imul((seed >>> 0) ^ 0x9e3779b9, 0x85ebca6b) | 1
  const int = (below: number): number => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return below < 1 ? 0 : (state >>> 0) % Math.floor(below)
  }
  for (let n = 0; n < 8; n++) int(1)
  return {
    int,
    of: (choices) => {
      const chosen = choices[int(choices.length)]
      if (chosen === undefined) throw new RangeError("nothing to choose from")
      return chosen
    },
  }
}
