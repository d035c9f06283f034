/** Formats written with `async` generators. */
import type { StandardSchemaV1 } from "@standard-schema/spec"
import * as Stream from "effect/Stream"
import { FormatError } from "../contracts/errors.ts"
import type { API_VERSION } from "../contracts/api-version.ts"
import { type Configured, defineFormat as defineEffectFormat } from "../contracts/plugin.ts"
import type { Format } from "../contracts/format.ts"
import type { Confidence, Probe } from "../contracts/probe.ts"
import type { TableEvent } from "../contracts/table.ts"
import { promiseFile } from "./bytes.ts"
import type { PromiseFile } from "./file.ts"
import { asFailure } from "./failures.ts"

/** A plugin with options, ready for a configuration. What it holds is core's business. */
export interface ConfiguredPlugin<Kind extends string> {
  readonly kind: Kind
  readonly id: string
  readonly apiVersion: number
}

type Schema = StandardSchemaV1
type In<S extends Schema> = StandardSchemaV1.InferInput<S>
type Out<S extends Schema> = StandardSchemaV1.InferOutput<S>
/** The arguments of a configured plugin: none are needed when every option has a default. */
export type OptionArguments<S extends Schema> = {} extends In<S> ? [options?: In<S>] : [options: In<S>]

/** What a format author writes. `read` yields tables as batches; leaving it closes the file. */
export interface PromiseFormat<S extends Schema> {
  readonly id: string
  readonly apiVersion: typeof API_VERSION
  readonly fingerprint: number
  readonly config: S
  readonly detects: (probe: Probe, options: Out<S>) => Confidence
  readonly read: (file: PromiseFile, options: Out<S>) => AsyncIterable<TableEvent>
}

/** Makes a format plugin out of an `async` generator. What it throws ends the reading as a `FormatError`. */
export const defineFormat = <S extends Schema>(
  definition: PromiseFormat<S>,
): ((...options: OptionArguments<S>) => ConfiguredPlugin<"format">) => {
  const make: (...options: OptionArguments<S>) => Configured<Format> = defineEffectFormat<S>({
    ...definition,
    read: (file, options) =>
      Stream.fromAsyncIterable(definition.read(promiseFile(file), options), (cause) =>
        asFailure(cause, (failure) => new FormatError(failure), definition.id, "read"),
      ),
  })
  return make
}
