/** What stands beside the records: the envelope's own values, as plain JSON with exact numbers. */
import type { Json } from "../contracts/json.ts"

/** Parses a small value; a number that a double cannot hold stays text. Its text must be JSON. */
export const factOf = (text: string): Json =>
  JSON.parse(text, (_key, value: unknown, ...rest: ReadonlyArray<unknown>) => {
    const source = (rest[0] as { readonly source?: string } | undefined)?.source
    return typeof value === "number" && source !== undefined && String(value) !== source ? source : value
  }) as Json

/** Facts by path, under their own keys; a key that repeats keeps every value. */
export class Envelope {
  readonly facts: { [key: string]: Json } = Object.create(null) as { [key: string]: Json }

  add(path: ReadonlyArray<string>, value: Json): void {
    const name = path.join(".")
    let unique = name
    for (let n = 2; unique in this.facts; n++) unique = `${name}_${n}`
    this.facts[unique] = value
  }
}
