/** What the configuration says of a table. */
import type { ColumnType } from "../contracts/column-type.ts"
import type { Mode } from "../contracts/sink.ts"
import type { RejectLimits } from "./load/reject-limits.ts"
import type { QuarantineRules } from "./judge/suspicion.ts"

/** `evolve`: follow the file. `freeze`: keep the columns as they are, misfits become rejects. `quarantine`: refuse the file until a person decides. */
export type OnSchemaChange = "evolve" | "freeze" | "quarantine"

/** `keep`: the rows of a resource that is gone stay as last known. `close`: they end when it was found gone; histories keep the past. */
export type OnGone = "keep" | "close"

/** Settings of one table, by its name. */
export interface TableSettings {
  readonly columns: Readonly<Record<string, ColumnType>>
  readonly onSchemaChange: OnSchemaChange
  readonly mode: Mode
  readonly tolerance: number
  readonly rejects: RejectLimits
  /** When a new extraction is held back until a person looked at it; `false`: never. */
  readonly quarantine: QuarantineRules | false
  readonly onGone: OnGone
  /** Hours after which readers may call the table late. */
  readonly freshWithin?: number
  /** Columns that name a row, for reports of what changed; nothing is loaded otherwise for it. */
  readonly key?: ReadonlyArray<string>
}

/** Without a word in the configuration: types found, columns followed, every extraction kept as what changed, 99.9 % of the values must fit a type. */
export const defaultTableSettings: TableSettings = {
  columns: {},
  onSchemaChange: "evolve",
  mode: "history",
  tolerance: 0.999,
  rejects: {},
  quarantine: {},
  onGone: "keep",
}
