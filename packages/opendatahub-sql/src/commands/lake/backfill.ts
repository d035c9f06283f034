/** `odh lake backfill`: addresses that name a date give the past states of a resource. */
import * as Effect from "effect/Effect"
import { readFile } from "node:fs/promises"
import type { Invocation, Work } from "../../cli/command.ts"
import { UsageError } from "../../cli/usage-error.ts"
import type { DatedState } from "../../past-states.ts"
import { addressOn, dateIn, periods } from "./dates.ts"
import { keepStates } from "./past.ts"

const isDate = (text: string | undefined): text is string =>
  text !== undefined && /^\d{4}-\d{2}-\d{2}$/.test(text) && dateIn(text) !== undefined

/** A line is an address that holds its date, or a date and an address. */
const stateIn = (line: string): DatedState => {
  const [first = "", second] = line.trim().split(/\s+/)
  const [date, from] = second === undefined ? [first, first] : [first, second]
  const at = dateIn(date)
  if (at === undefined) throw new UsageError(`"${line}" holds no date: write \`2020-06-29 https://…\``)
  return { at, from }
}

const isTemplate = (address: string): boolean => /\{(date|yyyy|yy|mm|dd)\}/.test(address)

const fromTemplate = (template: string, { text }: Pick<Invocation, "text">): ReadonlyArray<DatedState> => {
  const [from, to, every = "day"] = [text("from"), text("to"), text("every")]
  if (!isDate(from) || !isDate(to))
    throw new UsageError(`${template} needs --from and --to: the first and the last date, like 2020-06-29`)
  if (every !== "day" && every !== "month" && every !== "year")
    throw new UsageError(`--every takes day, month or year, not "${every}"`)
  return periods(from, to, every).map((date) => ({ at: `${date}T00:00:00.000Z`, from: addressOn(template, date) }))
}

/** Fetches every address and puts what it gives in its place. One that is not there does not stop the others. */
export const work: Work = (invocation) =>
  Effect.gen(function* () {
    const [, ...addresses] = invocation.positionals
    const list = invocation.text("list")
    const states = yield* Effect.tryPromise({
      try: async () => {
        const lines = list === undefined ? [] : (await readFile(list, "utf8")).split(/\r?\n/)
        return [
          ...addresses.flatMap((one) => (isTemplate(one) ? fromTemplate(one, invocation) : [stateIn(one)])),
          ...lines.filter((line) => line.trim() !== "").map(stateIn),
        ]
      },
      catch: (error) =>
        error instanceof UsageError
          ? error
          : new UsageError(`${list} cannot be read: ${error instanceof Error ? error.message : String(error)}`),
    })
    if (states.length === 0)
      return yield* Effect.fail(
        new UsageError("no address is given: one that holds its date, a template, or --list FILE"),
      )
    return yield* keepStates(yield* invocation.hub, invocation, states, "backfilled")
  })
