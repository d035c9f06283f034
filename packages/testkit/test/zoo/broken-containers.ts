/** A small sound container, JSON objects of texts by name, and the ways to break it; with the law that must name each. */
import {
  type Configured,
  type Container,
  dataQuality,
  defineContainer,
  FormatError,
  type RawFile,
  WorkFolder,
} from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"

interface Faults {
  readonly members?: (members: ReadonlyArray<readonly [string, string]>) => ReadonlyArray<readonly [string, string]>
  readonly identity?: (file: RawFile, name: string) => string
  readonly range?: boolean
  readonly forgiving?: boolean
  readonly leaves?: boolean
  readonly name?: (name: string) => string
  readonly throws?: boolean
}

const refuse = (file: RawFile): FormatError =>
  new FormatError({
    plugin: "box",
    operation: "expand",
    reason: dataQuality,
    message: `${file.name}: no box of texts; fetch it again, or ask its publisher`,
  })

const isText = (entry: readonly [string, unknown]): entry is readonly [string, string] => typeof entry[1] === "string"

const memberOf = (file: RawFile, name: string, text: string, faults: Faults): RawFile => {
  const bytes = Buffer.from(text)
  return {
    name: (faults.name ?? ((same) => same))(name),
    size: bytes.length,
    identity: (faults.identity ?? ((box) => `${box.identity}!${name}`))(file, name),
    siblings: [],
    bytes: (range) =>
      Stream.suspend(() =>
        Stream.make(faults.range === false ? bytes : bytes.subarray(range?.start ?? 0, range?.end ?? bytes.length)),
      ),
    local: Effect.map(
      Effect.flatMap(WorkFolder, (folder) =>
        Effect.acquireRelease(
          Effect.sync(() => mkdtempSync(join(folder, "member-"))),
          (made) =>
            Effect.sync(() => {
              if (faults.leaves !== true) rmSync(made, { recursive: true })
            }),
        ),
      ),
      (made) => {
        const path = join(made, "file")
        writeFileSync(path, bytes)
        return path
      },
    ),
  }
}

const box = (faults: Faults = {}): ((given?: unknown) => Configured<Container>) =>
  defineContainer({
    id: "box",
    apiVersion: 1,
    fingerprint: 1,
    config: Schema.toStandardSchemaV1(Schema.Struct({ most: Schema.optionalKey(Schema.Int) }), {
      parseOptions: { errors: "all", onExcessProperty: "error" },
    }),
    detects: ({ head }) => (/^\{"[^"]*":"/.test(Buffer.from(head).toString("latin1")) ? 0.9 : 0),
    expand: (file) =>
      Stream.unwrap(
        Effect.gen(function* () {
          const text = Buffer.concat(yield* Stream.runCollect(file.bytes())).toString()
          if (faults.throws === true && text.includes("\0")) throw new TypeError("not a box")
          const parsed: unknown = yield* Effect.try({
            try: () => JSON.parse(faults.forgiving === true && !text.endsWith("}") ? "{}" : text) as unknown,
            catch: () => refuse(file),
          })
          if (typeof parsed !== "object" || parsed === null) return yield* refuse(file)
          const members = Object.entries(parsed).filter(isText)
          return Stream.fromIterable(
            (faults.members ?? ((same) => same))(members).map(([name, content]) =>
              memberOf(file, name, content, faults),
            ),
          )
        }),
      ),
  }) as (given?: unknown) => Configured<Container>

export const soundContainer = box()

export const brokenContainers: ReadonlyArray<{
  readonly fault: string
  readonly law: string
  readonly container: ReturnType<typeof box>
  readonly fuzzed?: number
}> = [
  {
    fault: "loses its last member",
    law: "holds the members that another tool finds",
    container: box({ members: (all) => all.slice(0, -1) }),
  },
  {
    fault: "gives its members one identity",
    law: "holds the members that another tool finds",
    container: box({ identity: (file) => file.identity }),
  },
  {
    fault: "reads a member from its start, whatever is asked for",
    law: "a member can be read twice, and from the middle",
    container: box({ range: false }),
  },
  { fault: "takes half a box for a box", law: "cut short is an error", container: box({ forgiving: true }) },
  {
    fault: "leaves what it spooled",
    law: "leaves nothing open and nothing on the disk, read to the end or stopped early",
    container: box({ leaves: true }),
  },
  {
    fault: "throws what is no error of core",
    law: "damaged copies are members within the root and the caps, or a typed error",
    container: box({ throws: true }),
    fuzzed: 150,
  },
]
