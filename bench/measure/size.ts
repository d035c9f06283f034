const units: Readonly<Record<string, number>> = {
  MB: 1e6,
  GB: 1e9,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
}

/** Bytes of a size such as `100MiB` or `1GiB`. */
export const bytesOf = (size: string): number => {
  const [, number = "", unit = ""] = /^(\d+)(MB|GB|MiB|GiB)$/.exec(size) ?? []
  const factor = units[unit]
  if (factor === undefined) throw new Error(`"${size}" is not a size: 100MiB, 1GiB, 200MB`)
  return Number(number) * factor
}
