/** The laws of formats. */
import * as Effect from "effect/Effect"
import { cautionLaws } from "./format/caution-laws.ts"
import { flowLaws } from "./format/flow-laws.ts"
import type { FormatLawOptions } from "./format/law-options.ts"
import { sampleLaws } from "./format/sample-laws.ts"
import type { Law } from "./law.ts"
import { identityLaw, misconfiguredLaw } from "./plugin-laws.ts"

/** The laws that every format keeps, over the given samples. */
export const formatLaws = (options: FormatLawOptions): ReadonlyArray<Law> => {
  const format = Effect.runPromise(options.format.decode)
  format.catch(() => undefined)
  return [
    identityLaw(options.format, () => format.then((plugin) => plugin.fingerprint)),
    misconfiguredLaw(options.misconfigured, options.wrongWords),
    ...options.samples.flatMap((sample) => sampleLaws(format, sample, options.engine)),
    ...flowLaws(format, options),
    ...cautionLaws(format, options),
  ]
}
