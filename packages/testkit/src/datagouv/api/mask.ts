import type { Json, JsonObject } from "../catalogue/json.ts"

/** The fields an `X-Fields` header asks for; `all` for `*`. */
export interface Mask {
  readonly all: boolean
  readonly fields: ReadonlyMap<string, Mask | undefined>
}

/**
 * Reads an `X-Fields` mask such as `data{id,resources{url}},next_page` or `{*}`; outer braces are optional.
 * `undefined` means a broken mask, which the portal refuses.
 */
export const parseMask = (text: string): Mask | undefined => {
  const tokens = text.match(/[{},]|[^{},\s]+/g) ?? []
  let position = 0
  const list = (): Mask | undefined => {
    const fields = new Map<string, Mask | undefined>()
    let all = false
    for (;;) {
      const name = tokens[position]
      if (name === undefined || /^[{},]$/.test(name)) return undefined
      position += 1
      let nested: Mask | undefined
      if (tokens[position] === "{") {
        nested = braced()
        if (nested === undefined) return undefined
      }
      if (name === "*") all = true
      else fields.set(name, nested)
      if (tokens[position] !== ",") return { all, fields }
      position += 1
    }
  }
  const braced = (): Mask | undefined => {
    position += 1
    const mask = list()
    if (mask === undefined || tokens[position] !== "}") return undefined
    position += 1
    return mask
  }
  const mask = tokens[0] === "{" ? braced() : list()
  return position === tokens.length ? mask : undefined
}

/** Keeps what the mask names; names the answer does not have are dropped silently. */
export const applyMask = (value: Json, mask: Mask): Json => {
  if (Array.isArray(value)) return value.map((item: Json) => applyMask(item, mask))
  if (typeof value !== "object" || value === null) return value
  const kept: Record<string, Json> = {}
  for (const [key, field] of Object.entries(value as JsonObject)) {
    if (!mask.all && !mask.fields.has(key)) continue
    const nested = mask.fields.get(key)
    kept[key] = nested === undefined ? field : applyMask(field, nested)
  }
  return kept
}
