/** Files that a plugin is tried on, in a folder, with what another tool finds in them beside. */
import type { ContainerSample, FormatSample, NamedBytes } from "@opendatahub-sql/core/testing"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"

/** Sound files, and those of the folder `damaged`. */
export interface ExampleFiles {
  readonly sound: ReadonlyArray<FormatSample & ContainerSample>
  readonly damaged: ReadonlyArray<{ readonly name: string; readonly bytes: Uint8Array }>
}

/** What another tool finds in `data.csv`: its rows by table in `data.csv.rows.json`, its members in `data.zip.members.json`. */
const EXPECTATION = /\.(rows|members)\.json$/
const NO_EXAMPLE = /^\.|^(?:ORIGIN|README|LICEN[CS]E)\b/

const namesIn = (folder: string): ReadonlyArray<string> =>
  existsSync(folder)
    ? readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isFile() && !EXPECTATION.test(entry.name) && !NO_EXAMPLE.test(entry.name))
        .map(({ name }) => name)
        .toSorted()
    : []

const filesIn = (folder: string): ReadonlyArray<NamedBytes & { readonly bytes: Uint8Array }> =>
  namesIn(folder).map((name) => ({ name, bytes: readFileSync(join(folder, name)) }))

const beside = (path: string): unknown => (existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : undefined)

/** The files of a folder; none where there is no folder. */
export const exampleFiles = (folder: string): ExampleFiles => ({
  sound: filesIn(folder).map(({ bytes, name }) => {
    const rows = beside(join(folder, `${name}.rows.json`)) as FormatSample["rows"]
    const members = beside(join(folder, `${name}.members.json`)) as ContainerSample["members"]
    return { name, bytes, ...(rows === undefined ? {} : { rows }), ...(members === undefined ? {} : { members }) }
  }),
  damaged: filesIn(join(folder, "damaged")),
})
