/** The configuration of a hub: `odh.config.ts` exports `defineConfig({...})`; loading it tells every error at once. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { type ColumnType, decimalOf } from "./contracts/column-type.ts"
import { ConfigError, type ConfigIssue } from "./contracts/errors.ts"
import type { Container, Format } from "./contracts/format.ts"
import type { Configured, Plugin } from "./contracts/plugin.ts"
import type { Profile } from "./contracts/profile.ts"
import type { Mode, Sink } from "./contracts/sink.ts"
import type { Source } from "./contracts/source.ts"
import { normaliseName } from "./naming.ts"
import type { RejectLimits } from "./pipeline/load/reject-limits.ts"
import type { Reader } from "./pipeline/read/resolve.ts"
import { defaultTableSettings, type OnGone, type OnSchemaChange, type TableSettings } from "./pipeline/settings.ts"
import type { QuarantineRules } from "./pipeline/judge/suspicion.ts"
import { likelyMeant } from "./spelling.ts"

/** What `odh.config.ts` may say of a table. */
export interface TableConfig {
  /** Types that the data may not change, by column name (ours or the file's). */
  readonly columns?: Readonly<Record<string, ColumnType>>
  readonly onSchemaChange?: OnSchemaChange
  readonly mode?: Mode
  /** The share of non-empty values that must fit a type, 0.999 by default. */
  readonly tolerance?: number
  /** How many records may be left out or have a refused cell: above, the file is refused (exit 65). */
  readonly rejects?: RejectLimits
  /** When a new extraction is held back until a person looked at it (`odh quarantine`); `false`: never. */
  readonly quarantine?: QuarantineRules | false
  /** What becomes of the rows of a resource that is gone: `keep` (default), or `close`: they end with the next `odh sync`, not with `odh run`. */
  readonly onGone?: OnGone
  /** Hours after a change until the next one, as promised to those who read the table: later it is late. */
  readonly freshWithin?: number
  /** Columns that name a row: differences then tell changed rows. Without it, `odh diff` looks for some. */
  readonly key?: ReadonlyArray<string>
}

/** How files are brought here. Times in milliseconds, sizes in bytes. */
export interface NetworkConfig {
  /** Hosts at private addresses that may be reached all the same: names or addresses, `*.intranet.fr`. */
  readonly allowPrivate?: ReadonlyArray<string>
  /** What is spoken: `http`, `https`, `ftp`, `ftps`; all of them when left out. */
  readonly protocols?: ReadonlyArray<"http" | "https" | "ftp" | "ftps">
  /** How the servers' administrators can reach you: part of the User-Agent. */
  readonly contact?: string
  readonly maxBytes?: number
  /** How long to wait for a connection (15 s), for the head of an answer (60 s), between two pieces of it (60 s), and for one file in all (6 h). */
  readonly connectTimeout?: number
  readonly firstByteTimeout?: number
  readonly idleTimeout?: number
  readonly wholeTimeout?: number
  /** Requests at once to one host, at most (4): fewer while it suffers. */
  readonly perHost?: number
  /** Requests a second to one host; no limit of its own when left out. */
  readonly perSecond?: number
}

/** What `odh.config.ts` exports. */
export interface HubConfig {
  /** Raw files, records and events: a folder, or an object store (`s3://bucket/prefix`, reached as the `AWS_…` variables say). */
  readonly lake?: string
  /** A folder of this machine for the state and the downloads of a lake in an object store (`./data/work`). */
  readonly workFolder?: string
  readonly sources?: ReadonlyArray<Configured<Source>>
  /** Formats, containers and profiles; the official ones when left out. */
  readonly formats?: ReadonlyArray<Configured<Format> | Configured<Container> | Configured<Profile>>
  readonly sinks?: ReadonlyArray<Configured<Sink>>
  readonly tables?: Readonly<Record<string, TableConfig>>
  /** The mode of tables that do not say one. */
  readonly mode?: Mode
  /** How many resources are fetched side by side (4). */
  readonly concurrency?: number
  /** The engine's memory limit in bytes (1 GB). */
  readonly memoryLimit?: number
  readonly network?: NetworkConfig
  /** The file of accepted and proposed identities of resources (`./odh.identities.json`), kept beside the configuration. */
  readonly identities?: string
}

/** A configuration that was checked, its plugins decoded. */
export interface Hub {
  readonly lake: string
  readonly workFolder: string
  readonly sources: ReadonlyArray<Source>
  readonly readers: ReadonlyArray<Reader>
  readonly sinks: ReadonlyArray<Sink>
  readonly settings: (table: string) => TableSettings
  readonly concurrency: number
  readonly memoryLimit: number
  readonly network: NetworkConfig
  readonly identities: string
}

/** Types a configuration; returns it unchanged. */
export const defineConfig = (config: HubConfig): HubConfig => config

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const isColumnType = (type: string): boolean => {
  if (/^(boolean|bigint|double|date|time|timestamp|timestamptz|json|blob|text)$/.test(type)) return true
  const decimal = decimalOf(type as ColumnType)
  return (
    decimal !== undefined && decimal.precision >= 1 && decimal.precision <= 38 && decimal.scale <= decimal.precision
  )
}

type Check = (value: unknown) => string | undefined
const check = {
  text: (value: unknown) => (typeof value === "string" && value !== "" ? undefined : "expected a non-empty text"),
  texts: (value: unknown) =>
    Array.isArray(value) && value.every((one) => typeof one === "string") ? undefined : "expected a list of texts",
  count: (value: unknown) =>
    typeof value === "number" && Number.isInteger(value) && value > 0 ? undefined : "expected a whole number above 0",
  rows: (value: unknown) =>
    typeof value === "number" && Number.isInteger(value) && value >= 0 ? undefined : "expected a whole number",
  rate: (value: unknown) =>
    typeof value === "number" && Number.isFinite(value) && value > 0 ? undefined : "expected a number above 0",
  share: (value: unknown) =>
    typeof value === "number" && value >= 0 && value <= 1 ? undefined : "expected a number from 0 to 1",
  columnType: (value: unknown) =>
    typeof value === "string" && isColumnType(value)
      ? undefined
      : `${JSON.stringify(value)} is not a type; types are text, bigint, decimal(p,s) of 38 digits at most, double, boolean, date, time, timestamp, timestamptz, json, blob`,
  oneOf:
    (...words: ReadonlyArray<string>): Check =>
    (value) =>
      typeof value === "string" && words.includes(value)
        ? undefined
        : `expected one of ${words.map((word) => `"${word}"`).join(", ")}`,
}

const tableFields: Readonly<Record<string, Check>> = {
  columns: (value) => (isObject(value) ? undefined : "expected an object of column types"),
  onSchemaChange: check.oneOf("evolve", "freeze", "quarantine"),
  mode: check.oneOf("history", "snapshots", "latest"),
  tolerance: check.share,
  rejects: (value) => (isObject(value) ? undefined : "expected an object: maxShare, maxRows, warnShare"),
  freshWithin: check.rate,
  key: check.texts,
  quarantine: (value) =>
    value === false || isObject(value) ? undefined : "expected false, or an object: rowLoss, columnLoss",
  onGone: check.oneOf("keep", "close"),
}
const shareOrFalse: Check = (value) => (value === false ? undefined : check.share(value))
const quarantineFields: Readonly<Record<string, Check>> = { rowLoss: shareOrFalse, columnLoss: shareOrFalse }
const rejectFields: Readonly<Record<string, Check>> = {
  maxShare: check.share,
  maxRows: check.rows,
  warnShare: check.share,
}
const networkFields: Readonly<Record<string, Check>> = {
  allowPrivate: check.texts,
  protocols: (value) =>
    Array.isArray(value) && value.every((one) => ["http", "https", "ftp", "ftps"].includes(one as string))
      ? undefined
      : "expected a list of http, https, ftp, ftps",
  contact: check.text,
  maxBytes: check.count,
  connectTimeout: check.count,
  firstByteTimeout: check.count,
  idleTimeout: check.count,
  wholeTimeout: check.count,
  perHost: check.count,
  perSecond: check.rate,
}
const plugins: Check = (value) => (Array.isArray(value) ? undefined : "expected a list of plugins")
const hubFields: Readonly<Record<string, Check>> = {
  lake: check.text,
  workFolder: check.text,
  sources: plugins,
  formats: plugins,
  sinks: plugins,
  tables: (value) => (isObject(value) ? undefined : "expected an object by table name"),
  mode: check.oneOf("history", "snapshots", "latest"),
  concurrency: check.count,
  memoryLimit: check.count,
  identities: check.text,
  network: (value) => (isObject(value) ? undefined : "expected an object"),
}

/** The known key that a typing error most likely meant. */
const nearest = (key: string, known: ReadonlyArray<string>): string => {
  const close = likelyMeant(key, known)
  return close === undefined ? `known keys: ${known.join(", ")}` : `did you mean "${close}"?`
}

const checkFields = (
  at: string,
  value: Readonly<Record<string, unknown>>,
  fields: Readonly<Record<string, Check>>,
): ReadonlyArray<ConfigIssue> =>
  Object.entries(value).flatMap(([key, one]): ReadonlyArray<ConfigIssue> => {
    const path = at === "" ? key : `${at}.${key}`
    const test = Object.hasOwn(fields, key) ? fields[key] : undefined
    if (test === undefined) return [{ path, message: "unknown key", hint: nearest(key, Object.keys(fields)) }]
    if (one === undefined) return []
    const message = test(one)
    return message === undefined ? [] : [{ path, message }]
  })

const checkTables = (tables: unknown): ReadonlyArray<ConfigIssue> =>
  !isObject(tables)
    ? []
    : Object.entries(tables).flatMap(([name, table]): ReadonlyArray<ConfigIssue> => {
        const at = `tables.${name}`
        if (!isObject(table)) return [{ path: at, message: "expected an object" }]
        const columns = isObject(table["columns"]) ? Object.entries(table["columns"]) : []
        return [
          ...(normaliseName(name) === name.replaceAll("__", "_")
            ? []
            : [{ path: at, message: "is not a table name", hint: `tables are named like "${normaliseName(name)}"` }]),
          ...checkFields(at, table, tableFields),
          ...(isObject(table["rejects"]) ? checkFields(`${at}.rejects`, table["rejects"], rejectFields) : []),
          ...(isObject(table["quarantine"])
            ? checkFields(`${at}.quarantine`, table["quarantine"], quarantineFields)
            : []),
          ...columns.flatMap(([column, type]) => {
            const message = check.columnType(type)
            return message === undefined ? [] : [{ path: `${at}.columns.${column}`, message }]
          }),
        ]
      })

const isConfigured = (value: unknown): value is Configured<Plugin> =>
  isObject(value) && "decode" in value && "kind" in value && "id" in value

/** Paths of a plugin's issues are relative to its options. */
const issueOfPlugin = (at: string, id: string, issue: ConfigIssue): ConfigIssue => ({
  ...issue,
  path: `${at} (${id})${issue.path === "" ? "" : `.${issue.path}`}`,
})

const decodePlugins = Effect.fnUntraced(function* <P extends Plugin>(
  at: string,
  list: unknown,
  kinds: ReadonlyArray<P["kind"]>,
) {
  const issues: Array<ConfigIssue> = []
  const plugins: Array<P> = []
  for (const [index, one] of (Array.isArray(list) ? (list as ReadonlyArray<unknown>) : []).entries()) {
    const path = `${at}[${index}]`
    if (!isConfigured(one))
      issues.push({ path, message: "is not a configured plugin", hint: "call it: `csv()`, not `csv`" })
    else if (!(kinds as ReadonlyArray<string>).includes(one.kind))
      issues.push({ path, message: `"${one.id}" is a ${one.kind}, not a ${kinds.join(" or ")}` })
    else {
      const decoded = yield* Effect.result((one as Configured<P>).decode)
      if (Result.isSuccess(decoded)) plugins.push(decoded.success)
      else issues.push(...decoded.failure.issues.map((issue) => issueOfPlugin(path, one.id, issue)))
    }
  }
  return { plugins, issues }
})

/**
 * Checks a configuration of unknown origin and decodes its plugins.
 * @param preset what stands in for the lists that it leaves out
 */
export const decodeConfig = Effect.fn("decodeConfig")(function* (
  config: unknown,
  preset: Required<Pick<HubConfig, "formats" | "sources" | "sinks">>,
): Effect.fn.Return<Hub, ConfigError> {
  if (!isObject(config)) {
    return yield* new ConfigError({
      message: "the configuration is not an object",
      issues: [{ path: "", message: "expected `export default defineConfig({...})`" }],
    })
  }
  const sources = yield* decodePlugins<Source>("sources", config["sources"] ?? preset.sources, ["source"])
  const readers = yield* decodePlugins<Reader>("formats", config["formats"] ?? preset.formats, [
    "format",
    "container",
    "profile",
  ])
  const sinks = yield* decodePlugins<Sink>("sinks", config["sinks"] ?? preset.sinks, ["sink"])
  const targets = sinks.plugins.map((sink) => sink.target)
  const issues = [
    ...checkFields("", config, hubFields),
    ...(isObject(config["network"]) ? checkFields("network", config["network"], networkFields) : []),
    ...checkTables(config["tables"]),
    ...sources.issues,
    ...readers.issues,
    ...sinks.issues,
    ...targets.flatMap((target, index) =>
      targets.indexOf(target) === index
        ? []
        : [{ path: `sinks[${index}]`, message: `the destination ${target} is given twice` }],
    ),
    ...sources.plugins.flatMap((source, index) =>
      sources.plugins.findIndex((one) => one.id === source.id) === index
        ? []
        : [{ path: `sources[${index}]`, message: `two sources are called "${source.id}"` }],
    ),
  ]
  if (issues.length > 0) {
    return yield* new ConfigError({
      message: `${issues.length} error${issues.length === 1 ? "" : "s"} in the configuration`,
      issues,
    })
  }
  const checked = config as HubConfig
  return {
    lake: checked.lake ?? "./data/lake",
    workFolder: checked.workFolder ?? "./data/work",
    sources: sources.plugins,
    readers: readers.plugins,
    sinks: sinks.plugins,
    settings: (table) => ({
      ...defaultTableSettings,
      ...(checked.mode === undefined ? {} : { mode: checked.mode }),
      ...(checked.tables !== undefined && Object.hasOwn(checked.tables, table) ? checked.tables[table] : {}),
    }),
    concurrency: checked.concurrency ?? 4,
    memoryLimit: checked.memoryLimit ?? 1_000_000_000,
    network: checked.network ?? {},
    identities: checked.identities ?? "./odh.identities.json",
  }
})
