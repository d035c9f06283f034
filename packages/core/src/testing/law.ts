/** A law: one promise that every plugin of a kind keeps, as a named check that any test runner can run. */

/** `held`, with a word on what was exercised, or `skipped`, with the reason: a skipped law is printed, never silent. */
export type LawOutcome =
  | { readonly _tag: "Held"; readonly how?: string }
  | { readonly _tag: "Skipped"; readonly why: string }

/** One law of a kit, `name` as in `docs/spec`. `run` rejects with a message when the law is broken. */
export interface Law {
  readonly name: string
  /** The file that it is run on, for a law that is run on each. */
  readonly subject?: string
  readonly run: () => Promise<LawOutcome>
}

/** What a test runner gives: vitest's `it` fits. */
export type RegisterTest = (
  name: string,
  run: (context: { readonly skip: (note?: string) => void }) => Promise<void>,
) => void

/** Registers laws as tests; what was exercised, or why a law was skipped, is printed. */
export const registerLaws = (it: RegisterTest, laws: ReadonlyArray<Law>): void => {
  for (const law of laws) {
    const title = law.subject === undefined ? law.name : `${law.subject}: ${law.name}`
    it(title, async (context) => {
      const outcome = await law.run()
      if (outcome._tag === "Skipped") {
        console.log(`law skipped: ${title}: ${outcome.why}`)
        context.skip(outcome.why)
      } else if (outcome.how !== undefined) console.log(`law held: ${title}: ${outcome.how}`)
    })
  }
}

/** Thrown by a law that does not hold. */
export class LawBroken extends Error {
  override readonly name = "LawBroken"
}

/** Fails the law unless `holds`. */
export function claim(holds: boolean, message: string): asserts holds {
  if (!holds) throw new LawBroken(message)
}

const plain = (_: string, value: unknown): unknown => {
  if (typeof value === "bigint") return `${value}n`
  if (value instanceof Uint8Array || value instanceof Float64Array) return [...value]
  // What a Buffer makes of itself before it comes here.
  const made = value as { readonly type?: unknown; readonly data?: unknown } | null
  return typeof value === "object" && made?.type === "Buffer" && Array.isArray(made.data) ? made.data : value
}

/** Fails the law unless both are equal as data; the message shows the first difference. */
export const claimEqual = (actual: unknown, expected: unknown, what: string): void => {
  const left = JSON.stringify(actual, plain)
  const right = JSON.stringify(expected, plain)
  if (left === right) return
  let at = 0
  while (at < Math.min(left?.length ?? 0, right?.length ?? 0) && left?.[at] === right?.[at]) at++
  const around = (text: string | undefined): string => (text ?? "undefined").slice(Math.max(0, at - 60), at + 60)
  throw new LawBroken(`${what}: got …${around(left)}…, expected …${around(right)}…`)
}

export const held = (how?: string): LawOutcome => (how === undefined ? { _tag: "Held" } : { _tag: "Held", how })
export const skipped = (why: string): LawOutcome => ({ _tag: "Skipped", why })
