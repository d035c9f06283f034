/** What a format can prove of the values of a column before the engine reads them. */

/** The plain way to write the values of a column: a text that an engine reads without a doubt. */
export type PlainForm =
  /** `0`, `-12`, `0,5`: no sign but a minus, no zero in front, digits on both sides of the mark. */
  | { readonly kind: "number"; readonly mark: "," | "." }
  /** `31/01/2024`, `01/31/2024`, `2024-01-31`: a day of the calendar, in a year from 1000. */
  | { readonly kind: "date"; readonly orders: ReadonlyArray<"day-first" | "month-first" | "iso"> }
  /** `2024-01-31T10:00:00`, or with a space. */
  | { readonly kind: "timestamp"; readonly separator: "T" | " " }
  /** One of these ASCII words. */
  | { readonly kind: "words"; readonly words: ReadonlyArray<string> }

/** What a look at every value found. */
export interface PlainValues {
  /** Records of the right number of cells. */
  readonly rows: number
  /** Records of another number. Their cells count below all the same. */
  readonly ragged: number
  /** Why the engine would refuse in the end, where that is known: the relation is thrown away at once. */
  readonly unfit?: string | undefined
  readonly columns: ReadonlyArray<{
    /** Values, empty ones left out, that are not in the plain form; the first texts among them, or, `complete`, each text that is. */
    readonly others: number
    readonly examples: ReadonlyArray<string>
    readonly complete: boolean
    /** Of numbers: the most digits before the mark, and after it. */
    readonly digits: number
    readonly scale: number
  }>
}

/** How the engine wants columns that are in plain form throughout. */
export interface PlainReading {
  /** Engine types; `undefined`: as text. */
  readonly types: ReadonlyArray<string | undefined>
  readonly mark: "," | "."
  /** Of dates. */
  readonly order: "day-first" | "month-first" | "iso"
}
