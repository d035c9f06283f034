import { dataset, startDatagouv, type Portal } from "@opendatahub-sql/testkit/datagouv"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Discovery, Resource } from "@opendatahub-sql/core"
import { datagouv, type DatagouvOptions } from "../src/index.ts"

/** A replica of the portal on loopback, and what discovery says of it. */
export const csv = { bytes: "a;b\n1;2\n" }

export const portal = (options: Parameters<typeof startDatagouv>[0] = { catalogue: false }) =>
  Effect.acquireRelease(
    Effect.promise(() => startDatagouv(options)),
    (portal) => Effect.promise(() => portal.close()),
  )

export const withoutKey = Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromUnknown({}))

export const discover = Effect.fnUntraced(function* (
  { url }: Portal,
  options: DatagouvOptions,
  ...selection: ReadonlyArray<string>
) {
  const source = yield* datagouv({ url, ...options }).decode
  return yield* Stream.runCollect(source.discover({ datasets: selection }))
}, withoutKey)

export const resources = (discoveries: ReadonlyArray<Discovery>): ReadonlyArray<Resource> =>
  discoveries.flatMap((one) => (one._tag === "Found" ? [one.resource] : []))
export const titles = (discoveries: ReadonlyArray<Discovery>) => resources(discoveries).map(({ title }) => title)
export const failures = (discoveries: ReadonlyArray<Discovery>) =>
  discoveries.flatMap((one) =>
    one._tag === "Failed" ? [{ subject: one.subject, reason: one.error.reason._tag, message: one.error.message }] : [],
  )

export const many = (slug: string, count: number) =>
  dataset({
    slug,
    title: slug,
    resources: Array.from({ length: count }, (_, n) => ({
      title: `part-${String(n).padStart(3, "0")}.csv`,
      content: csv,
    })),
  })
