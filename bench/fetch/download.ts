/** `node download.ts PORT RUN FOLDER`: all resources, as a sync asks for them. Prints the SHA-256 or the failure of each. */
import { Fetch } from "@opendatahub-sql/core"
import { layer } from "@opendatahub-sql/fetch"
import * as Effect from "effect/Effect"
import { RESOURCES, PER_HOST, urlOf } from "./resource.ts"

const [port = "", run = "", folder = ""] = process.argv.slice(2)

const loopback = layer({
  allowPrivate: ["*.test"],
  perHost: PER_HOST,
  hostBook: `${folder}/hosts.sqlite`,
  lookup: (_name, options, callback) => {
    if (options.all === true) callback(null, [{ address: "127.0.0.1", family: 4 }])
    else callback(null, "127.0.0.1", 4)
  },
})

const results = await Effect.runPromise(
  Fetch.use((fetch) =>
    Effect.forEach(
      Array.from({ length: RESOURCES }, (_, number) => number),
      (number) =>
        fetch.download({ url: urlOf(Number(port), run, number), name: `${number}.bin` }, { folder }).pipe(
          Effect.map((file) => (file._tag === "Downloaded" ? file.sha256 : file._tag)),
          Effect.catchTag("FetchError", (error) => Effect.succeed(error.message)),
        ),
      { concurrency: 100 },
    ),
  ).pipe(Effect.provide(loopback)),
)
console.log(JSON.stringify(results))
