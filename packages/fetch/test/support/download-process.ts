/** Run by the tests as a process that can be killed: `download-process.ts URL FOLDER`. */
import { Fetch } from "@opendatahub-sql/core"
import { layer } from "@opendatahub-sql/fetch"
import * as Effect from "effect/Effect"

const [url = "", folder = ""] = process.argv.slice(2)
const onProgress = ({ received }: { readonly received: number }) => void process.stdout.write(`${received}\n`)

await Effect.runPromise(
  Fetch.use((fetch) => fetch.download({ url, name: "file.csv" }, { folder, onProgress })).pipe(
    Effect.provide(layer({ allowPrivate: ["127.0.0.1"] })),
  ),
)
