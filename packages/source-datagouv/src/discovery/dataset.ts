/** One dataset: is it there, what does it hold, which of it is wanted. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { type Discovery, type JsonObject, misconfigured, type SourceError, terminal } from "@opendatahub-sql/core"
import { failure } from "../failure.ts"
import { found, type KnownDataset } from "./found.ts"
import { DatasetAnswer, ResourceAnswer } from "../portal/answers.ts"
import { ask, type Connection } from "../portal/client.ts"
import { decodeAnswer } from "../portal/judge.ts"
import { pages } from "../portal/pages.ts"
import { REFERENCE } from "../portal/reference.ts"
import { type Candidate, offered, select, type Wanted } from "../selection/rules.ts"

/** Datasets read at the same time. */
export const CONCURRENCY = 4

type Gone = Extract<Discovery, { readonly _tag: "Gone" }>

const gone = (dataset: string, state: Gone["state"], message: string): Gone => ({
  _tag: "Gone",
  dataset,
  state,
  message,
})

/** Asks for a dataset by id or slug; an old slug leads to the dataset under its new one. */
export const findDataset = Effect.fn("Datagouv.dataset")(function* (
  connection: Connection,
  reference: string,
): Effect.fn.Return<KnownDataset | Gone, SourceError> {
  const subject = `dataset ${reference}`
  if (!REFERENCE.test(reference))
    return yield* failure("discover", misconfigured, `"${reference}" is neither the id nor the slug of a dataset`)
  const { status, body } = yield* ask(connection, {
    subject,
    path: `/api/2/datasets/${encodeURIComponent(reference)}/`,
  })
  if (status === 410)
    return gone(
      reference,
      "deleted",
      `${subject} was deleted from the portal; what was loaded stays, take it out of the configuration`,
    )
  if (status === 404) {
    return gone(
      reference,
      "private-or-missing",
      `${subject} is private, or there is none of this name (the portal says the same of both): check the name, or set DATAGOUV_API_KEY to a key of its organisation`,
    )
  }
  if (status !== 200)
    return yield* failure("discover", terminal, `${subject}: the portal refuses the request with ${status}`)
  const answer = yield* decodeAnswer(DatasetAnswer, subject)(body)
  if (answer.deleted)
    return gone(
      answer.id,
      "deleted",
      `${subject} was deleted from the portal on ${String(answer.deleted)}; what was loaded stays`,
    )
  if (answer.archived)
    return gone(
      answer.id,
      "archived",
      `${subject} was archived by its producer on ${String(answer.archived)}; what was loaded stays`,
    )
  return { answer, received: body as JsonObject }
})

/** What one entry of the configuration wants of a dataset. */
export interface Entry extends Wanted {
  /** Where the entry is written: `datasets[2]`. */
  readonly at: string
  /** Whether a dataset in which it matches nothing is a failure. */
  readonly mustMatch: boolean
}

/** Findings about one dataset; `counts` says how many resources each entry matched. */
export interface Findings {
  readonly discoveries: ReadonlyArray<Discovery>
  readonly counts: ReadonlyArray<number>
}

/** A failure that leaves the rest of the discovery alone. */
export const failed = (subject: string, error: SourceError): Discovery => ({ _tag: "Failed", subject, error })

/** Reads all resources and applies the entries. A resource that cannot be understood is one failure beside the others. */
const readDataset = Effect.fn("Datagouv.resources")(function* (
  connection: Connection,
  pageSize: number,
  dataset: KnownDataset,
  entries: ReadonlyArray<Entry>,
): Effect.fn.Return<Findings, SourceError> {
  const { id } = dataset.answer
  const name = `dataset ${dataset.answer.slug ?? id}`
  const candidates = new Map<string, Candidate<JsonObject>>()
  const discoveries: Array<Discovery> = []
  const decode = Effect.fnUntraced(function* (received: JsonObject) {
    const resource = typeof received["id"] === "string" ? received["id"] : "without an id"
    const decoded = yield* Effect.result(decodeAnswer(ResourceAnswer, `resource ${resource} of ${name}`)(received))
    // A page may shift while it is walked: a resource that is seen twice is one.
    if (decoded._tag === "Success") candidates.set(resource, { answer: decoded.success, received })
    else discoveries.push(failed(`${id}/${resource}`, decoded.failure))
  })
  const question = { subject: `resources of ${name}`, path: `/api/2/datasets/${encodeURIComponent(id)}/resources/` }
  yield* Stream.runForEach(pages(connection, question, pageSize), ({ items }) =>
    Effect.forEach(items, decode, { discard: true }),
  )

  const all = [...candidates.values()]
  const { selected, counts } = select(id, entries, all)
  for (const one of selected)
    discoveries.push({ _tag: "Found", resource: found({ portal: connection.url, dataset }, one) })
  for (const [index, { at, mustMatch }] of entries.entries()) {
    if (mustMatch && counts[index] === 0) {
      discoveries.push(
        failed(id, failure("discover", misconfigured, `${at}: no resource of ${name} matches; ${offered(all)}`)),
      )
    }
  }
  return { discoveries, counts }
})

/** The findings about one reference; whatever goes wrong concerns this dataset alone. `counts` is empty when nothing could be read. */
export const findings = (
  connection: Connection,
  pageSize: number,
  reference: string,
  entriesOf: (dataset: KnownDataset) => Effect.Effect<ReadonlyArray<Entry>, SourceError>,
): Effect.Effect<Findings> =>
  Effect.gen(function* () {
    const dataset = yield* findDataset(connection, reference)
    if ("_tag" in dataset) return { discoveries: [dataset], counts: [] }
    return yield* readDataset(connection, pageSize, dataset, yield* entriesOf(dataset))
  }).pipe(Effect.catch((error) => Effect.succeed({ discoveries: [failed(reference, error)], counts: [] })))
