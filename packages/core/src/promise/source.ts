/** Sources written with `async` functions. */
import type { StandardSchemaV1 } from "@standard-schema/spec"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { SourceError } from "../contracts/errors.ts"
import type { API_VERSION } from "../contracts/api-version.ts"
import { defineSource as defineEffectSource } from "../contracts/plugin.ts"
import type { GoneState, Resource, Selection } from "../contracts/resource.ts"
import type { Discovery } from "../contracts/source.ts"
import { asFailure } from "./failures.ts"
import type { ConfiguredPlugin, OptionArguments } from "./format.ts"

/** One finding of a discovery. */
export type PromiseDiscovery =
  | { readonly _tag: "Found"; readonly resource: Resource }
  | {
      readonly _tag: "Gone"
      readonly dataset: string
      readonly resource?: string
      readonly state: GoneState
      readonly message: string
    }

/** How to get one file; `headers` are sent to the URL's own host only. */
export interface PromiseDownload {
  readonly url: string
  /** Asked for when the file is not at `url` any more (404, 410). */
  readonly orElse?: string
  readonly name: string
  readonly headers?: Readonly<Record<string, string>>
  readonly mediaType?: string
}

/** What a source author writes. */
export interface PromiseSource<S extends StandardSchemaV1> {
  readonly id: string
  readonly apiVersion: typeof API_VERSION
  readonly config: S
  readonly discover: (selection: Selection, options: StandardSchemaV1.InferOutput<S>) => AsyncIterable<PromiseDiscovery>
  readonly locate: (
    resource: Resource,
    options: StandardSchemaV1.InferOutput<S>,
    signal: AbortSignal,
  ) => Promise<PromiseDownload>
}

/** Makes a source plugin out of `async` functions. What `discover` throws ends the discovery; what `locate` throws fails that resource. */
export const defineSource = <S extends StandardSchemaV1>(
  definition: PromiseSource<S>,
): ((...options: OptionArguments<S>) => ConfiguredPlugin<"source">) => {
  const failure =
    (operation: string) =>
    (cause: unknown): SourceError =>
      asFailure(cause, (one) => new SourceError(one), definition.id, operation) as SourceError
  return defineEffectSource<S>({
    id: definition.id,
    apiVersion: definition.apiVersion,
    config: definition.config,
    make: (options) => ({
      discover: (selection) =>
        Stream.fromAsyncIterable<Discovery, SourceError>(definition.discover(selection, options), failure("discover")),
      locate: (resource) =>
        Effect.tryPromise({ try: (signal) => definition.locate(resource, options, signal), catch: failure("locate") }),
    }),
  })
}
