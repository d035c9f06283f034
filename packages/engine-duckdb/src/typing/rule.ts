/** How a column is read: what a pass does with it. Pure. */
import type { ColumnType } from "@opendatahub-sql/core"
import type { TemporalForm } from "./text/temporal-forms.ts"

/** Text as it came. */
export interface TextRule {
  readonly kind: "text"
  readonly type: "text"
  readonly why: string
}

/** The format gave the type: canonical text to cast, or (`native`) values of the engine's own type. */
export interface GivenRule {
  readonly kind: "given"
  readonly type: ColumnType
  readonly native: boolean
  readonly why: string
}

export interface BooleanRule {
  readonly kind: "boolean"
  readonly type: ColumnType
  /** Words that are no value here: see `text/null-words.ts`. */
  readonly nullWords?: ReadonlyArray<string>
  /** The words as spelled, tried before all others. */
  readonly spellings: ReadonlyArray<string>
  /** Letters that count too, of a pair of which both are there; when asked for, all of them and `0` and `1`. */
  readonly letters: ReadonlyArray<string>
  readonly why: string
}

export interface NumberRule {
  readonly kind: "number"
  readonly type: ColumnType
  /** Words that are no value here: see `text/null-words.ts`. */
  readonly nullWords?: ReadonlyArray<string>
  readonly mark: "," | "."
  /** The grouping space most values carry, if most do. */
  readonly grouping: string | undefined
  /** Only when asked for: `01001` is 1001. */
  readonly leadingZeros: boolean
  /** The unit that every value is written with. */
  readonly unit?: string
  readonly why: string
}

export interface TemporalRule {
  readonly kind: "temporal"
  readonly type: ColumnType
  /** Words that are no value here: see `text/null-words.ts`. */
  readonly nullWords?: ReadonlyArray<string>
  /** The forms accepted, the most frequent first. */
  readonly forms: ReadonlyArray<TemporalForm>
  /** What most values look like, digits as `9`. */
  readonly shape: string | undefined
  readonly why: string
}

export type Rule = TextRule | GivenRule | BooleanRule | NumberRule | TemporalRule

/** The reason of a text rule for a column without values. */
export const NO_VALUE = "no value"

/** Text, with the reason. */
export const textRule = (why: string): TextRule => ({ kind: "text", type: "text", why })

/** Whether two rules read the same values into the same type. */
export const sameReading = (left: Rule, right: Rule): boolean => {
  const key = (rule: Rule): string =>
    rule.kind === "number"
      ? `${rule.type} ${rule.mark} ${rule.leadingZeros} ${rule.unit ?? ""}`
      : rule.kind === "temporal"
        ? `${rule.type} ${rule.forms.toSorted().join()}`
        : rule.kind === "boolean"
          ? `${rule.type} ${rule.letters.toSorted().join("")}`
          : rule.type
  const words = (rule: Rule): string => ("nullWords" in rule ? (rule.nullWords ?? []).toSorted().join("\u0000") : "")
  return left.kind === right.kind && key(left) === key(right) && words(left) === words(right)
}
