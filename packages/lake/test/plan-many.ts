/** Plans a catalogue of so many resources on a lake, and prints how many there were, the peak of memory (bytes) and the event files. Arguments: folder, number. */
import { type Dataset, type Discovery, plan, type Source } from "@opendatahub-sql/core"
import { layer } from "@opendatahub-sql/lake"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { readdirSync } from "node:fs"
import { join } from "node:path"

const [folder = "", count = "0"] = process.argv.slice(2)

const datasetOf = (number: number): Dataset => ({
  id: String(number).padStart(24, "0"),
  slug: `jeu-de-donnees-${number}`,
  title: `Jeu de données ${number}`,
  license: "lov2",
  page: `https://www.data.gouv.fr/datasets/jeu-de-donnees-${number}`,
})

/** As large as the descriptions of data.gouv.fr are: about 2 KB. */
const found = (number: number): Discovery => ({
  _tag: "Found",
  resource: {
    source: "catalogue",
    dataset: datasetOf(number >> 2),
    id: `${String(number).padStart(8, "0")}-1111-4111-8111-111111111111`,
    portalId: `${String(number).padStart(8, "0")}-1111-4111-8111-111111111111`,
    title: `fichier-${number}.csv`,
    url: `https://static.data.gouv.fr/resources/${number}/fichier-${number}.csv`,
    format: "csv",
    size: 10_000,
    siblings: [],
    metadata: { description: `${number} `.repeat(300) },
  },
})

const source: Source = {
  kind: "source",
  id: "catalogue",
  discover: () => Stream.map(Stream.range(0, Number(count) - 1), found),
  locate: () => Effect.die("nothing is fetched"),
}

const { items } = await Effect.runPromise(
  plan([source], { datasets: [] }).pipe(Effect.provide(layer({ folder, run: "plan-1" }))),
)
const events = readdirSync(join(folder, "events"), { recursive: true, encoding: "utf8" })
process.stdout.write(
  JSON.stringify({
    resources: items.reduce((sum, item) => sum + item.resources.length, 0),
    // Of the whole process, in KB (getrusage).
    peak: process.resourceUsage().maxRSS * 1024,
    eventFiles: events.filter((name) => name.endsWith(".ndjson")).length,
  }),
)
