/** Which sheets are read: those asked for, else those that are not hidden. */
import type { Options } from "./options.ts"
import { WorkbookProblem } from "./problem.ts"
import type { Unwanted } from "./sheet.ts"

const globOf = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .replaceAll(/[.+^${}()|[\]\\]/g, "\\$&")
      .replaceAll("*", ".*")
      .replaceAll("?", ".")}$`,
    "isu",
  )

const matcherOf = (pattern: string): ((name: string) => boolean) => {
  const expression = pattern.startsWith("re:") ? new RegExp(pattern.slice(3), "iu") : globOf(pattern)
  const exact = pattern.trim().toLowerCase()
  return (name) => name.trim().toLowerCase() === exact || expression.test(name.trim())
}

/** The choice that the options make. */
export interface SheetSelection {
  readonly unwanted: Unwanted
  /** Throws when a pattern of the options met no sheet. Called once all sheets were seen. */
  readonly check: () => void
}

export const selectSheets = (options: Options): SheetSelection => {
  const patterns = options.sheets === undefined ? undefined : [options.sheets].flat()
  const matchers = patterns?.map(matcherOf)
  const met = new Set<number>()
  const seen: Array<string> = []
  return {
    unwanted: (name, state) => {
      seen.push(name)
      if (matchers === undefined) return state === "visible" || options.hidden ? undefined : `the sheet is ${state}`
      const matching = matchers.flatMap((matches, index) => (matches(name) ? [index] : []))
      for (const index of matching) met.add(index)
      return matching.length > 0 ? undefined : "not asked for"
    },
    check: () => {
      const missing = (patterns ?? []).filter((_, index) => !met.has(index))
      if (missing.length === 0) return
      const names = seen
        .slice(0, 20)
        .map((name) => `"${name}"`)
        .join(", ")
      throw new WorkbookProblem(
        `no sheet is called ${missing.map((pattern) => `"${pattern}"`).join(", ")}`,
        `its sheets are ${names}; correct or remove the option "sheets"`,
        true,
      )
    },
  }
}
