/** The plugins that a module exports. */
import type { Configured, Container, Format, Plugin } from "@opendatahub-sql/core"
import type { ContainerLawOptions, FormatLawOptions } from "@opendatahub-sql/core/testing"

/**
 * What a module may export as `conformance`, to tell the kit of its format or container what only its author knows. Every field may be
 * left out: a law that lacks something is skipped with the reason.
 */
export interface Hints extends Omit<Partial<FormatLawOptions>, "format" | "misconfigured" | "secret" | "engine"> {
  /** The options that the plugin is tried with. */
  readonly options?: unknown
  /** Options that hold a secret, and the secret: it must appear nowhere. */
  readonly secret?: { readonly text: string; readonly options: unknown }
  /** See `ContainerLawOptions`. */
  readonly mostUnpacked?: ContainerLawOptions["mostUnpacked"]
}

/** A plugin under its export's name. `configure` gives it with other options, when what is exported takes some. */
export interface FoundPlugin {
  readonly exported: string
  readonly configured: Configured<Plugin>
  readonly configure?: (options: unknown) => Configured<Plugin>
}

const isConfigured = (value: unknown): value is Configured<Plugin> =>
  typeof value === "object" &&
  value !== null &&
  "kind" in value &&
  "id" in value &&
  "apiVersion" in value &&
  "decode" in value

export const isFormat = (plugin: Configured<Plugin>): plugin is Configured<Format> => plugin.kind === "format"
export const isContainer = (plugin: Configured<Plugin>): plugin is Configured<Container> => plugin.kind === "container"

/** What an export makes of options: a plugin, or nothing when it is another kind of function. */
const attempt = (make: (options: unknown) => unknown, options: unknown): Configured<Plugin> | undefined => {
  try {
    const made = make(options)
    return isConfigured(made) ? made : undefined
  } catch {
    return undefined
  }
}

/** The plugins of a module, each once. */
export const findPlugins = (
  module: Readonly<Record<string, unknown>>,
  options: unknown,
): ReadonlyArray<FoundPlugin> => {
  const found: Array<FoundPlugin> = []
  for (const [exported, value] of Object.entries(module)) {
    const configured = typeof value === "function" ? attempt(value as (options: unknown) => unknown, options) : value
    if (!isConfigured(configured)) continue
    if (found.some((other) => other.configured.kind === configured.kind && other.configured.id === configured.id))
      continue
    found.push({
      exported,
      configured,
      ...(typeof value === "function" ? { configure: value as (options: unknown) => Configured<Plugin> } : {}),
    })
  }
  return found
}
