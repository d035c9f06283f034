/**
 * How a plugin is written and configured. `defineFormat({...})` gives a function of the options; what it returns is decoded when the
 * configuration is loaded, so every error of every plugin comes at once. Nothing registers itself by being imported.
 */
import type { StandardSchemaV1 } from "@standard-schema/spec"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import { API_VERSION } from "./api-version.ts"
import { ConfigError, type ConfigIssue, type ReadError } from "./errors.ts"
import type { Container, Format, Relation, SkippedMember } from "./format.ts"
import type { JsonObject } from "./json.ts"
import type { Confidence, Probe } from "./probe.ts"
import type { MemberProfile, Profile } from "./profile.ts"
import type { RawFile } from "./raw-file.ts"
import type { Sink } from "./sink.ts"
import type { Source } from "./source.ts"
import type { TableEvent } from "./table.ts"

/** Any plugin, decoded. */
export type Plugin = Source | Format | Container | Profile | Sink

/** A plugin with options that are not checked yet. */
export interface Configured<P extends Plugin> {
  readonly kind: P["kind"]
  readonly id: string
  readonly apiVersion: number
  /** Checks the options: all issues at once, paths relative to the options. */
  readonly decode: Effect.Effect<P, ConfigError>
}

/** A schema of options: Effect Schema (through `Schema.toStandardSchemaV1`), Zod, Valibot, ArkType… */
export type OptionsSchema = StandardSchemaV1
type In<S extends OptionsSchema> = StandardSchemaV1.InferInput<S>
type Out<S extends OptionsSchema> = StandardSchemaV1.InferOutput<S>
type Arguments<S extends OptionsSchema> = {} extends In<S> ? [options?: In<S>] : [options: In<S>]

interface Definition<S extends OptionsSchema> {
  /** Short and unique among plugins of its kind: `csv`. */
  readonly id: string
  readonly apiVersion: typeof API_VERSION
  /** The schema of the options; unknown keys should be refused. */
  readonly config: S
}

/** What a format author writes. */
export interface FormatDefinition<S extends OptionsSchema> extends Definition<S> {
  readonly fingerprint: number
  readonly detects: (probe: Probe, options: Out<S>) => Confidence
  /** See {@link Format}. */
  readonly companions?: ReadonlyArray<string>
  readonly read: (file: RawFile, options: Out<S>) => Stream.Stream<TableEvent, ReadError>
  readonly relations?: (
    file: RawFile,
    options: Out<S>,
  ) => Effect.Effect<ReadonlyArray<Relation> | undefined, ReadError, Scope.Scope>
}

/** What a container author writes. */
export interface ContainerDefinition<S extends OptionsSchema> extends Definition<S> {
  readonly fingerprint: number
  readonly detects: (probe: Probe, options: Out<S>) => Confidence
  readonly members?: (file: RawFile, options: Out<S>) => Effect.Effect<ReadonlyArray<string>, ReadError>
  readonly expand: (file: RawFile, options: Out<S>) => Stream.Stream<RawFile | SkippedMember, ReadError, Scope.Scope>
}

/** What the author of a profile writes. */
export interface ProfileDefinition<S extends OptionsSchema> extends Definition<S> {
  readonly fingerprint: number
  readonly detects: (members: ReadonlyArray<string>, options: Out<S>) => Confidence
  readonly describes: (member: string, options: Out<S>) => MemberProfile | undefined
}

/** What a source author writes. */
export interface SourceDefinition<S extends OptionsSchema> extends Definition<S> {
  readonly make: (options: Out<S>) => Pick<Source, "discover" | "locate" | "search">
}

/** What a sink author writes. */
export interface SinkDefinition<S extends OptionsSchema> extends Definition<S> {
  readonly make: (options: Out<S>) => Pick<Sink, "target" | "capabilities" | "open">
}

const issuePath = (issue: StandardSchemaV1.Issue): string =>
  (issue.path ?? [])
    .map((part) => (typeof part === "object" ? part.key : part))
    .reduce<string>(
      (path, key) =>
        typeof key === "number" ? `${path}[${key}]` : path === "" ? String(key) : `${path}.${String(key)}`,
      "",
    )

const define =
  <S extends OptionsSchema, P extends Plugin>(
    kind: P["kind"],
    definition: Definition<S>,
    make: (options: Out<S>) => P,
  ) =>
  (...[options]: Arguments<S>): Configured<P> => ({
    kind,
    id: definition.id,
    apiVersion: definition.apiVersion,
    decode: Effect.flatMap(
      Effect.promise(async () => definition.config["~standard"].validate(options ?? {})),
      (result) => {
        const issues: Array<ConfigIssue> = []
        if (definition.apiVersion !== API_VERSION) {
          issues.push({
            path: "",
            message: `the ${kind} "${definition.id}" was written for plugin API ${String(definition.apiVersion)}, this core speaks ${API_VERSION}`,
            hint: "install a version of the plugin that matches @opendatahub-sql/core",
          })
        }
        for (const issue of result.issues ?? []) issues.push({ path: issuePath(issue), message: issue.message })
        return issues.length > 0 || result.issues !== undefined
          ? Effect.fail(
              new ConfigError({
                message: `${kind} "${definition.id}": ${issues.length} error(s) in its options`,
                issues,
              }),
            )
          : Effect.succeed(make(result.value))
      },
    ),
  })

/** Options as they enter a load key: plain JSON, secrets and functions left out. */
const optionsKey = (options: unknown): JsonObject => JSON.parse(JSON.stringify(options ?? {})) as JsonObject

/** Makes a format plugin: `export const csv = defineFormat({...})`, used as `csv({ delimiter: ";" })`. */
export const defineFormat = <S extends OptionsSchema>(
  definition: FormatDefinition<S>,
): ((...options: Arguments<S>) => Configured<Format>) =>
  define<S, Format>("format", definition, (options) => {
    const { relations } = definition
    return {
      kind: "format",
      id: definition.id,
      fingerprint: definition.fingerprint,
      options: optionsKey(options),
      detects: (probe) => definition.detects(probe, options),
      read: (file) => definition.read(file, options),
      ...(definition.companions === undefined ? {} : { companions: definition.companions }),
      ...(relations === undefined ? {} : { relations: (file: RawFile) => relations(file, options) }),
    }
  })

/** Makes a container plugin. */
export const defineContainer = <S extends OptionsSchema>(
  definition: ContainerDefinition<S>,
): ((...options: Arguments<S>) => Configured<Container>) =>
  define<S, Container>("container", definition, (options) => {
    const { members } = definition
    return {
      kind: "container",
      id: definition.id,
      fingerprint: definition.fingerprint,
      options: optionsKey(options),
      detects: (probe) => definition.detects(probe, options),
      ...(members === undefined ? {} : { members: (file: RawFile) => members(file, options) }),
      expand: (file) => definition.expand(file, options),
    }
  })

/** Makes a profile: what is known of the files of one kind of archive. */
export const defineProfile = <S extends OptionsSchema>(
  definition: ProfileDefinition<S>,
): ((...options: Arguments<S>) => Configured<Profile>) =>
  define<S, Profile>("profile", definition, (options) => ({
    kind: "profile",
    id: definition.id,
    fingerprint: definition.fingerprint,
    options: optionsKey(options),
    detects: (members) => definition.detects(members, options),
    describes: (member) => definition.describes(member, options),
  }))

/** Makes a source plugin. */
export const defineSource = <S extends OptionsSchema>(
  definition: SourceDefinition<S>,
): ((...options: Arguments<S>) => Configured<Source>) =>
  define<S, Source>("source", definition, (options) => ({
    kind: "source",
    id: definition.id,
    ...definition.make(options),
  }))

/** Makes a sink plugin. */
export const defineSink = <S extends OptionsSchema>(
  definition: SinkDefinition<S>,
): ((...options: Arguments<S>) => Configured<Sink>) =>
  define<S, Sink>("sink", definition, (options) => ({ kind: "sink", id: definition.id, ...definition.make(options) }))
