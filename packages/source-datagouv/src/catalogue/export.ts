/** The portal's daily exports, streamed: the whole catalogue in one answer. */
import { misconfigured, type SourceError, transient } from "@opendatahub-sql/core"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { failure } from "../failure.ts"
import { type Connection, USER_AGENT } from "../portal/client.ts"
import { rowReader } from "./csv-rows.ts"

/** What the portal exports each day. */
export type ExportKind = "datasets" | "resources" | "organizations"

/** Where an export is asked for; the portal redirects to the file of the day. */
export const exportUrl = (portal: string, kind: ExportKind): string => `${portal}/api/1/site/${kind}.csv`

const MOST_REDIRECTS = 5

/**
 * Whether an export may lie there: on the portal itself, or on a host beside it (`static.data.gouv.fr` for `www.data.gouv.fr`).
 * The catalogue is public, and no key is sent; a redirect must not reach anything else.
 */
export const isBeside = (portal: URL, to: URL): boolean => {
  if (to.hostname === portal.hostname) return true
  const domain = portal.hostname.split(".").slice(1).join(".")
  return domain.includes(".") && /[a-z]/i.test(domain) && to.protocol === "https:" && to.hostname.endsWith(`.${domain}`)
}

const open = Effect.fnUntraced(function* ({ url: portal, http }: Connection, kind: ExportKind) {
  const subject = `the export ${kind}.csv`
  const home = new URL(portal)
  let url = new URL(exportUrl(portal, kind))
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
    const target = url
    const response = yield* Effect.tryPromise({
      try: (signal) =>
        http(target, { headers: { accept: "text/csv", "user-agent": USER_AGENT }, redirect: "manual", signal }),
      catch: (cause) =>
        failure("discover", transient(), `${subject}: ${target.host} cannot be reached; try again`, cause),
    })
    const location = response.headers.get("location")
    if (location === null || response.status < 300 || response.status >= 400) {
      if (response.status === 200 && response.body !== null) return { subject, body: response.body }
      return yield* failure(
        "discover",
        response.status >= 500 || response.status === 429 ? transient() : misconfigured,
        `${subject}: ${target.host} answers ${response.status}; check \`url\`, or try again later`,
      )
    }
    const next = URL.parse(location, target.href)
    if (next === null || !isBeside(home, next))
      return yield* failure(
        "discover",
        misconfigured,
        `${subject}: ${target.host} redirects to a host that is not the portal's`,
      )
    url = next
  }
  return yield* failure("discover", misconfigured, `${subject}: more than ${MOST_REDIRECTS} redirects`)
})

/** The rows of an export by the names of its columns, some thousands at a time. Fails `Transient` when it is cut. */
export const exportRows = (
  connection: Connection,
  kind: ExportKind,
): Stream.Stream<ReadonlyArray<Readonly<Record<string, string>>>, SourceError> =>
  Stream.unwrap(
    Effect.map(open(connection, kind), ({ subject, body }) => {
      const decoder = new TextDecoder()
      const reader = rowReader()
      let header: ReadonlyArray<string> | undefined
      const named = (rows: ReadonlyArray<ReadonlyArray<string>>) => {
        const names = header ?? rows[0]?.map((name) => name.replace(/^\ufeff/, "")) ?? []
        const records = header === undefined ? rows.slice(1) : rows
        if (rows.length > 0) header = names
        return records.map((row) => Object.fromEntries(names.map((name, index) => [name, row[index] ?? ""])))
      }
      const cutShort = (cause?: unknown) =>
        failure("discover", transient(), `${subject} was cut; try again later`, cause)
      const end = Stream.suspend(() => {
        const rows = reader.end()
        return rows === undefined ? Stream.fail(cutShort()) : Stream.succeed(named(rows))
      })
      return Stream.fromAsyncIterable(body, cutShort).pipe(
        Stream.map((bytes) => named(reader.read(decoder.decode(bytes, { stream: true })))),
        Stream.concat(end),
        Stream.filter((rows) => rows.length > 0),
      )
    }),
  )
