/** From a module to a report: its plugins, the files that apply, the laws. */
import type { Configured, Plugin } from "@opendatahub-sql/core"
import { containerLaws, type FormatLawOptions, formatLaws, type Law } from "@opendatahub-sql/core/testing"
import * as Effect from "effect/Effect"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type ExampleFiles, exampleFiles } from "./example-files.ts"
import { familiesOf } from "./families.ts"
import { findPlugins, type FoundPlugin, type Hints, isContainer, isFormat } from "./find-plugins.ts"
import { type PluginReport, scoreOf } from "./report.ts"
import { runLaws } from "./run-laws.ts"

/** What to try the plugins of a module with. */
export interface ConformanceOptions {
  /** What the module exports; `conformance`, if there, are {@link Hints}. */
  readonly module: Readonly<Record<string, unknown>>
  /** Folders of files; see the README of this package. */
  readonly folders?: ReadonlyArray<string>
  /** The options of the plugins; those of the hints otherwise. */
  readonly options?: unknown
  /** Damaged copies to make (50). */
  readonly fuzzed?: number
  /** Told which law begins, on which file. */
  readonly onLaw?: (law: Law) => void
}

/** The reports, and what was found that the kit cannot judge. */
export interface Conformance {
  readonly plugins: ReadonlyArray<PluginReport>
  readonly notJudged: ReadonlyArray<string>
}

const UNKNOWN = ["no-such-option", "nor-this-one"] as const

/** The plugin with two options that it cannot know beside its own. */
const misconfiguredOf = ({ configure }: FoundPlugin, options: unknown): Configured<Plugin> | undefined =>
  configure?.({ ...(options as object), [UNKNOWN[0]]: 1, [UNKNOWN[1]]: 2 })

/** The engine, where it is installed: then both ways of reading are compared. */
const installedEngine = async (): Promise<FormatLawOptions["engine"]> => {
  try {
    const { layer } = await import("@opendatahub-sql/engine-duckdb")
    return layer({ workFolder: join(tmpdir(), "odh-conformance") })
  } catch {
    return undefined
  }
}

const lawsOf = async (
  found: FoundPlugin,
  own: ExampleFiles,
  hints: Hints,
  options: unknown,
  fuzzed: number,
): Promise<{ readonly files: ReadonlyArray<string>; readonly laws: ReadonlyArray<Law> } | undefined> => {
  const { configured } = found
  const { options: _, samples = [], secret, ...told } = hints
  const misconfigured = misconfiguredOf(found, options)
  const common = { fuzzed, ...(misconfigured === undefined ? {} : { wrongWords: UNKNOWN }) }
  if (!isFormat(configured) && !isContainer(configured)) return undefined
  const families = familiesOf(
    (await Effect.runPromise<{ readonly detects: Parameters<typeof familiesOf>[0] }, unknown>(configured.decode))
      .detects,
  )
  const sound = [...samples, ...own.sound, ...families.flatMap((family) => family.sound)]
  const damaged = [...own.damaged, ...families.flatMap((family) => family.damaged)]
  const files = sound.map(({ name }) => name)
  if (isContainer(configured)) {
    const archives = [...own.sound, ...families.flatMap((family) => family.sound)]
    const { mostUnpacked } = told
    const more = {
      ...(misconfigured !== undefined && isContainer(misconfigured) ? { misconfigured } : {}),
      ...(mostUnpacked === undefined ? {} : { mostUnpacked }),
    }
    return { files, laws: containerLaws({ ...common, ...more, container: configured, samples: archives, damaged }) }
  }
  const engine = await installedEngine()
  const [surest] = families
  const secretFormat = secret === undefined ? undefined : found.configure?.(secret.options)
  const laws = formatLaws({
    ...common,
    ...(surest?.large === undefined ? {} : { large: surest.large }),
    ...(surest?.named === undefined ? {} : { named: surest.named }),
    ...(engine === undefined ? {} : { engine }),
    ...(misconfigured !== undefined && isFormat(misconfigured) ? { misconfigured } : {}),
    ...(secret !== undefined && secretFormat !== undefined && isFormat(secretFormat)
      ? { secret: { text: secret.text, format: secretFormat } }
      : {}),
    ...told,
    format: configured,
    samples: sound,
    damaged: [...(told.damaged ?? []), ...damaged],
  })
  return { files, laws }
}

/** Judges every format and container of a module. Rejects when a plugin refuses the options that it is tried with. */
export const conformanceOf = async (options: ConformanceOptions): Promise<Conformance> => {
  const hints = (options.module["conformance"] ?? {}) as Hints
  const given = options.options ?? hints.options
  const examples = (options.folders ?? []).map(exampleFiles)
  const own: ExampleFiles = {
    sound: examples.flatMap(({ sound }) => sound),
    damaged: examples.flatMap(({ damaged }) => damaged),
  }
  const plugins: Array<PluginReport> = []
  const notJudged: Array<string> = []
  for (const found of findPlugins(options.module, given)) {
    const { id, kind } = found.configured
    const judged = await lawsOf(found, own, hints, given, options.fuzzed ?? 50)
    if (judged === undefined) {
      notJudged.push(
        `${kind} ${id}: only formats and containers are judged here; run ${kind}Laws in a test of your own`,
      )
      continue
    }
    const laws = await runLaws(judged.laws, options.onLaw ?? (() => undefined))
    plugins.push({ exported: found.exported, kind, id, files: judged.files, score: scoreOf(laws), laws })
  }
  return { plugins, notJudged }
}
