import { dataQuality, defineContainer, defineFormat, FormatError, type RawFile, terminal } from "@opendatahub-sql/core"
import { memoryFile } from "@opendatahub-sql/core/testing"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"

const Options = Schema.toStandardSchemaV1(Schema.Struct({ delimiter: Schema.optionalKey(Schema.String) }), {
  parseOptions: { errors: "all", onExcessProperty: "error" },
})

const startsWith = (head: Uint8Array, magic: string): boolean => Buffer.from(head).toString("utf8").startsWith(magic)

/** A format whose files begin with `magic`. */
export const aFormat = (
  id: string,
  magic: string,
  more: { readonly fingerprint?: number; readonly confidence?: number; readonly members?: ReadonlyArray<string> } = {},
) =>
  defineFormat({
    id,
    apiVersion: 1,
    fingerprint: more.fingerprint ?? 1,
    config: Options,
    detects: ({ head, members }) =>
      more.members !== undefined && members !== undefined && more.members.every((name) => members.includes(name))
        ? 1
        : startsWith(head, magic)
          ? (more.confidence ?? 0.9)
          : 0,
    read: () => Stream.empty,
  })

/** A container of `BOX:` and a JSON object of names to contents, so that boxes fit into boxes. */
export const box = defineContainer({
  id: "box",
  apiVersion: 1,
  fingerprint: 1,
  config: Options,
  detects: ({ head }) => (startsWith(head, "BOX:") ? 0.9 : 0),
  members: (file) => Effect.map(contents(file), (all) => Object.keys(all)),
  expand: (file) =>
    Stream.unwrap(
      Effect.map(contents(file), (all) =>
        Stream.fromIterable(Object.entries(all)).pipe(
          Stream.map(([name, text]) =>
            name.startsWith("__")
              ? { name, why: "not data" }
              : { ...memoryFile(name, text), identity: `${file.identity}!${name}` },
          ),
        ),
      ),
    ),
})

const contents = (file: RawFile) =>
  Effect.flatMap(Stream.runCollect(file.bytes()), (chunks) =>
    Effect.try({
      try: () => JSON.parse(Buffer.concat(chunks).toString("utf8").slice(4)) as Readonly<Record<string, string>>,
      catch: (cause) =>
        String(cause).includes("token '?'")
          ? new FormatError({
              plugin: "box",
              operation: "expand",
              message: `${file.name} is damaged`,
              reason: dataQuality,
            })
          : new FormatError({ plugin: "box", operation: "expand", message: `${file.name} is cut`, reason: terminal }),
    }),
  )

/** The text of a box. */
export const boxOf = (members: Readonly<Record<string, string>>): string => `BOX:${JSON.stringify(members)}`
