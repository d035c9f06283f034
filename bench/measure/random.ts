/** Random numbers that a seed decides: xorshift32, period 2^32 - 1. */
export interface Random {
  /** An integer from 0 to `limit` - 1. */
  readonly below: (limit: number) => number
  /** True with this probability. */
  readonly chance: (probability: number) => boolean
  /** One of the values. */
  readonly pick: <A>(values: readonly [A, ...ReadonlyArray<A>]) => A
}

/** `seed` is any integer but 0. */
export const seeded = (seed: number): Random => {
  let state = seed | 0
  const unit = (): number => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
  const below = (limit: number): number => Math.floor(unit() * limit)
  return {
    below,
    chance: (probability) => unit() < probability,
    pick: (values) => values[below(values.length)] ?? values[0],
  }
}
