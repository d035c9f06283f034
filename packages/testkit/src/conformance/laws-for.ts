/** The laws for one plugin, with the files that apply to it. */
import type { ConfigError, Configured, Container, Format, Plugin } from "@opendatahub-sql/core"
import { containerLaws, type FormatLawOptions, formatLaws, type Law } from "@opendatahub-sql/core/testing"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { ExampleFiles } from "./example-files.ts"
import { familiesOf, type Family } from "./families.ts"
import { type FoundPlugin, type Hints, isContainer, isFormat } from "./find-plugins.ts"

/** What the author gave. */
export interface Given {
  readonly files: ExampleFiles
  readonly hints: Hints
  readonly options: unknown
  readonly fuzzed: number
}

/** Laws, and the names of the sound files that they are run on. */
export interface Judgement {
  readonly files: ReadonlyArray<string>
  readonly laws: ReadonlyArray<Law>
}

const UNKNOWN = ["no-such-option", "nor-this-one"] as const

/** The plugin with two options beside its own that it cannot know; nothing where it takes none. */
const misconfiguredOf = ({ configure }: FoundPlugin, options: unknown): Configured<Plugin> | undefined =>
  configure?.({ ...(options as object), [UNKNOWN[0]]: 1, [UNKNOWN[1]]: 2 })

/** The plugin itself; rejects when it refuses the options that it is tried with. */
const decoded = async <P extends Plugin>(configured: Configured<P>): Promise<P> => {
  const result = await Effect.runPromise<Result.Result<P, ConfigError>, never>(Effect.result(configured.decode))
  if (Result.isSuccess(result)) return result.success
  const issues = result.failure.issues.map(({ message, path }) => `${path}: ${message}`).join("; ")
  throw new Error(
    `${result.failure.message} (${issues}); give them with --options, or export them as conformance.options`,
  )
}

/** The engine, where it is installed: then both ways of reading are compared. */
const installedEngine = async (): Promise<FormatLawOptions["engine"]> => {
  try {
    const { layer } = await import("@opendatahub-sql/engine-duckdb")
    return layer({ workFolder: join(tmpdir(), "odh-conformance") })
  } catch {
    return undefined
  }
}

const damagedOf = (given: Given, families: ReadonlyArray<Family>) => [
  ...given.files.damaged,
  ...families.flatMap(({ damaged }) => damaged),
]

const forContainer = async (found: FoundPlugin, container: Configured<Container>, given: Given): Promise<Judgement> => {
  const families = familiesOf("container", (await decoded(container)).detects)
  const samples = [...given.files.sound, ...families.flatMap(({ sound }) => sound)]
  const misconfigured = misconfiguredOf(found, given.options)
  const { mostUnpacked } = given.hints
  return {
    files: samples.map(({ name }) => name),
    laws: containerLaws({
      container,
      samples,
      damaged: damagedOf(given, families),
      fuzzed: given.fuzzed,
      wrongWords: UNKNOWN,
      ...(misconfigured !== undefined && isContainer(misconfigured) ? { misconfigured } : {}),
      ...(mostUnpacked === undefined ? {} : { mostUnpacked }),
    }),
  }
}

const forFormat = async (found: FoundPlugin, format: Configured<Format>, given: Given): Promise<Judgement> => {
  const families = familiesOf("format", (await decoded(format)).detects)
  const { damaged = [], options: _, samples: hinted = [], secret, ...hints } = given.hints
  const samples = [...hinted, ...given.files.sound, ...families.flatMap(({ sound }) => sound)]
  const misconfigured = misconfiguredOf(found, given.options)
  const withSecret = secret === undefined ? undefined : found.configure?.(secret.options)
  const engine = await installedEngine()
  const [surest] = families
  return {
    files: samples.map(({ name }) => name),
    laws: formatLaws({
      ...(surest?.large === undefined ? {} : { large: surest.large }),
      ...(surest?.named === undefined ? {} : { named: surest.named }),
      ...hints,
      format,
      samples,
      damaged: [...damaged, ...damagedOf(given, families)],
      fuzzed: given.fuzzed,
      wrongWords: UNKNOWN,
      ...(engine === undefined ? {} : { engine }),
      ...(misconfigured !== undefined && isFormat(misconfigured) ? { misconfigured } : {}),
      ...(secret !== undefined && withSecret !== undefined && isFormat(withSecret)
        ? { secret: { text: secret.text, format: withSecret } }
        : {}),
    }),
  }
}

/** The laws for a plugin; nothing for a source or a sink, which need a server to talk to. */
export const lawsFor = async (found: FoundPlugin, given: Given): Promise<Judgement | undefined> => {
  const { configured } = found
  if (isContainer(configured)) return forContainer(found, configured, given)
  return isFormat(configured) ? forFormat(found, configured, given) : undefined
}
