/** The values of each key, keys in the order of their first value. */
export const grouped = <K, V>(values: Iterable<V>, keyOf: (value: V) => K): ReadonlyMap<K, ReadonlyArray<V>> => {
  const groups = new Map<K, Array<V>>()
  for (const value of values) {
    const group = groups.get(keyOf(value))
    if (group === undefined) groups.set(keyOf(value), [value])
    else group.push(value)
  }
  return groups
}
