import { createServer } from "node:http"
import type { IncomingMessage, ServerResponse } from "node:http"
import { json, message } from "../api/answer.ts"
import type { Answer, Asked } from "../api/answer.ts"
import { resourceObject } from "../api/objects.ts"
import type { Rendering } from "../api/objects.ts"
import { Catalogue } from "../catalogue/catalogue.ts"
import type { DatasetState, ResourceState } from "../catalogue/entry.ts"
import { Contents } from "../catalogue/contents.ts"
import { mimeOf } from "../catalogue/dataset.ts"
import type { Content, Dataset, ResourceInput } from "../catalogue/dataset.ts"
import type { JsonObject } from "../catalogue/json.ts"
import { pilotDatasets } from "../catalogue/pilots.ts"
import { recordedDatasets } from "../catalogue/recorded.ts"
import { control, report } from "./control.ts"
import type { ControlAction } from "./control.ts"
import { deliver } from "./delivery.ts"
import type { ServedFile } from "./files.ts"
import type { Behaviour, Fault, Target } from "./misbehaviour.ts"
import { RequestLog } from "./request-log.ts"
import type { LoggedRequest } from "./request-log.ts"
import { answerSite } from "./site.ts"
import type { Site } from "./site.ts"

export interface PortalOptions {
  /** Directory of the files of the pilot datasets (this repository's `fixtures/corpus`). Without it they answer 404. */
  readonly files?: string
  /** TCP port on 127.0.0.1; 0, the default, takes a free one. */
  readonly port?: number
  /** The portal's date, ISO; default 2020-03-23, the first day of the COVID history. */
  readonly at?: string
  /** `false`: an empty catalogue, to be filled with `add`. */
  readonly catalogue?: boolean
  /** The key that shows hidden datasets; without one, any `X-API-KEY` is answered 401. */
  readonly apiKey?: string
}

/** A file outside of any dataset, for tests of downloads. */
export interface LooseFile {
  readonly contentType?: string
  /** ISO date. */
  readonly lastModified?: string
}

/** A data.gouv.fr on loopback. Changes are seen by the next request. */
export class Portal {
  readonly #catalogue: Catalogue
  readonly #apiKey: string | undefined
  readonly #log = new RequestLog()
  readonly #loose = new Map<string, ServedFile>()
  readonly #server = createServer((request, response) => {
    this.#serve(request, response).catch((cause: unknown) => {
      if (!response.headersSent) response.writeHead(500)
      response.end(String(cause))
    })
  })
  #faults: ReadonlyArray<Fault> = []
  #base = ""

  constructor(options: PortalOptions) {
    this.#catalogue = new Catalogue(new Contents(options.files), options.at ?? "2020-03-23")
    this.#apiKey = options.apiKey
    if (options.catalogue !== false)
      for (const dataset of [...recordedDatasets(), ...pilotDatasets()]) this.add(dataset)
  }

  /** Origin, without trailing slash. */
  get url(): string {
    return this.#base
  }

  /** The portal's date, ISO. */
  get now(): string {
    return this.#catalogue.now
  }

  /** Every dataset as it is now, hidden ones too. */
  get datasets(): ReadonlyArray<DatasetState> {
    return this.#catalogue.datasets()
  }

  /** Requests in order of arrival, live. */
  get requests(): ReadonlyArray<LoggedRequest> {
    return this.#log.requests
  }

  /** The most requests that were open at the same time. */
  get concurrency(): number {
    return this.#log.concurrency
  }

  add(dataset: Dataset): void {
    this.#catalogue.add(dataset)
  }

  /** Serves bytes at a path of one's own; returns the URL. */
  serve(path: string, bytes: Uint8Array | string, options: LooseFile = {}): string {
    const stored = this.#catalogue.contents.get({ bytes })
    if (stored === undefined) throw new Error(`Nothing to serve at ${path}`)
    this.#loose.set(path, {
      bytes: stored.bytes,
      etag: stored.sha1.slice(0, 16),
      lastModified: options.lastModified ?? this.now,
      contentType: options.contentType ?? mimeOf(path.slice(path.lastIndexOf(".") + 1)),
    })
    return this.#base + path
  }

  /** The resource as the API shows it now, without a request. Throws if there is none. */
  resource(resourceId: string): JsonObject {
    return resourceObject(this.#found(resourceId), this.#rendering)
  }

  /** URL of the resource's present file. Throws if there is no such resource. */
  fileUrl(resourceId: string): string {
    return this.#base + this.#found(resourceId).path
  }

  /** Moves the portal, or one dataset, to an ISO date (a day alone: its end). A resource without a state that early shows its first. */
  moveTo(date: string, dataset?: string): void {
    this.#catalogue.moveTo(date, dataset)
  }

  /** Replaces a resource's file: same id; a hosted file gets a new URL and the old one answers 404. */
  replace(
    resourceId: string,
    content: Content,
    options: { readonly title?: string; readonly name?: string; readonly at?: string } = {},
  ): void {
    this.#catalogue.replace(resourceId, content, options)
  }

  /** Adds a resource in front of the others; returns its id. */
  addResource(datasetId: string, resource: ResourceInput): string {
    return this.#catalogue.addResource(datasetId, resource)
  }

  removeResource(resourceId: string): void {
    this.#catalogue.removeResource(resourceId)
  }

  /** Changes metadata, as a PUT does. */
  editResource(resourceId: string, fields: JsonObject): void {
    this.#catalogue.editResource(resourceId, fields)
  }

  /** Changes metadata, as a PUT does. */
  edit(datasetId: string, fields: JsonObject): void {
    this.#catalogue.edit(datasetId, fields)
  }

  /** Lets the portal notice the present content of a remote file. */
  crawl(resourceId: string): void {
    this.#catalogue.crawl(resourceId)
  }

  /** Archived: out of the lists, still 200 by id. */
  archive(datasetId: string): void {
    this.#catalogue.archive(datasetId)
  }

  /** Deleted: 410 by id. */
  delete(datasetId: string): void {
    this.#catalogue.delete(datasetId)
  }

  /** Private: 404 by id. */
  makePrivate(datasetId: string): void {
    this.#catalogue.makePrivate(datasetId)
  }

  /** Renamed: the old slug answers 308. */
  rename(datasetId: string, slug: string): void {
    this.#catalogue.rename(datasetId, slug)
  }

  /** Spoils the next `times` requests (default: all) to a path or to a resource's file. Faults queue up per target. */
  misbehave(target: Target, behaviour: Behaviour, times = Infinity): void {
    this.#faults = [...this.#faults, { target, behaviour, left: times }]
  }

  /** Ends every misbehaviour. */
  behave(): void {
    this.#faults = []
  }

  /** Forgets the requests seen so far and the concurrency. */
  clear(): void {
    this.#log.clear()
  }

  /** Resolves when the next request that is `wanted` arrives, before it is answered. */
  nextRequest(wanted: (request: LoggedRequest) => boolean = () => true): Promise<LoggedRequest> {
    return this.#log.next(wanted)
  }

  /** Listens on loopback. */
  listen(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject)
      this.#server.listen(port, "127.0.0.1", () => {
        const address = this.#server.address()
        if (address !== null && typeof address === "object") this.#base = `http://127.0.0.1:${address.port}`
        resolve()
      })
    })
  }

  /** Stops listening and drops open connections. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve())
      this.#server.closeAllConnections()
    })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #found(resourceId: string): ResourceState {
    const found = this.#catalogue.findResource(resourceId)
    if (found === undefined) throw new Error(`No resource ${resourceId} on this portal`)
    return found.resource
  }

  get #site(): Site {
    return {
      catalogue: this.#catalogue,
      rendering: this.#rendering,
      apiKey: this.#apiKey,
      loose: this.#loose,
      faults: this.#faults,
    }
  }

  get #rendering(): Rendering {
    return { base: this.#base, contents: this.#catalogue.contents }
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked: Asked = {
      method: request.method ?? "GET",
      url: new URL(this.#base + (request.url ?? "/")),
      headers: request.headers,
    }
    if (asked.url.pathname === "/__control") {
      return deliver(response, asked.method, await this.#control(request), {}, unwatched)
    }
    const open = this.#log.arrived({
      method: asked.method,
      path: asked.url.pathname + asked.url.search,
      headers: asked.headers,
    })
    const ending = () => this.#log.left(open)
    response.once("close", ending)
    const [answer, delivery] = answerSite(this.#site, asked)
    if (!delivery.never) open.status = answer.status
    const sent = (bytes: number) => {
      open.bytes += bytes
    }
    await deliver(response, asked.method, answer, delivery, { sent, ending })
  }

  async #control(request: IncomingMessage): Promise<Answer> {
    try {
      if (request.method === "POST") control(this, JSON.parse(await bodyOf(request)) as ControlAction)
      return json(200, report(this))
    } catch (cause) {
      return message(400, cause instanceof Error ? cause.message : String(cause))
    }
  }
}

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Array<Buffer> = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString("utf8")
}

const unwatched = { sent: () => undefined, ending: () => undefined }

/** Starts a portal on a free loopback port; `close()` it, or hold it with `await using`. */
export const startDatagouv = async (options: PortalOptions = {}): Promise<Portal> => {
  const portal = new Portal(options)
  await portal.listen(options.port ?? 0)
  return portal
}
