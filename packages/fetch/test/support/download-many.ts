/** Run by the tests as a process of its own: `download-many.ts URL COUNT FOLDER BOOK PER_HOST`. */
import { Fetch } from "@opendatahub-sql/core"
import { layer } from "@opendatahub-sql/fetch"
import * as Effect from "effect/Effect"

const [url = "", count = "", folder = "", hostBook = "", perHost = ""] = process.argv.slice(2)

await Effect.runPromise(
  Fetch.use((fetch) =>
    Effect.forEach(
      Array.from({ length: Number(count) }, (_, index) => `${url}?${process.pid}-${index}`),
      (one) => fetch.download({ url: one, name: "f.csv" }, { folder }),
      { concurrency: "unbounded" },
    ),
  ).pipe(Effect.provide(layer({ allowPrivate: ["127.0.0.1"], hostBook, perHost: Number(perHost) }))),
)
