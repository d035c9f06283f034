import * as Context from "effect/Context"

/** How far an item is. Sizes in bytes; `rows` counts finished tables. */
export interface ProgressEvent {
  readonly resource: string
  readonly title: string
  readonly stage: "fetch" | "read" | "load" | "done"
  readonly received?: number
  readonly total?: number | undefined
  readonly rows?: number
  readonly status?: string
}

/** Who watches: the terminal of `odh`, or nobody. Called often, must be cheap and must not throw. */
export const Progress = Context.Reference<(event: ProgressEvent) => void>("@opendatahub-sql/core/Progress", {
  defaultValue: () => () => {},
})
