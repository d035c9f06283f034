/** From a module to a report: its plugins, the files that apply, the laws. */
import type { Law } from "@opendatahub-sql/core/testing"
import { exampleFiles } from "./example-files.ts"
import { findPlugins, type Hints } from "./find-plugins.ts"
import { lawsFor } from "./laws-for.ts"
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

/** Judges every format and container of a module. Rejects when a plugin refuses the options that it is tried with. */
export const conformanceOf = async (options: ConformanceOptions): Promise<Conformance> => {
  const hints = (options.module["conformance"] ?? {}) as Hints
  const examples = (options.folders ?? []).map(exampleFiles)
  const given = {
    hints,
    options: options.options ?? hints.options,
    fuzzed: options.fuzzed ?? 50,
    files: {
      sound: examples.flatMap(({ sound }) => sound),
      damaged: examples.flatMap(({ damaged }) => damaged),
    },
  }
  const plugins: Array<PluginReport> = []
  const notJudged: Array<string> = []
  for (const found of findPlugins(options.module, given.options)) {
    const { id, kind } = found.configured
    const judged = await lawsFor(found, given)
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
