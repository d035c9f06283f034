/** One request as a test may assert on it. */
export interface LoggedRequest {
  readonly method: string
  /** Path and query. */
  readonly path: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | ReadonlyArray<string> | undefined>>
  /** Of the answer; 0 while there is none. */
  readonly status: number
  /** Bytes of body sent so far. */
  readonly bytes: number
}

/** The request as the server keeps it while it answers. */
export type OpenRequest = { -readonly [Key in keyof LoggedRequest]: LoggedRequest[Key] }

interface Waiter {
  readonly wanted: (request: LoggedRequest) => boolean
  readonly resolve: (request: LoggedRequest) => void
}

/** Requests in order of arrival, how many were open at once, and a way to wait for one. */
export class RequestLog {
  #requests: Array<OpenRequest> = []
  readonly #open = new Set<OpenRequest>()
  #maximum = 0
  #waiters: ReadonlyArray<Waiter> = []

  get requests(): ReadonlyArray<LoggedRequest> {
    return this.#requests
  }

  get concurrency(): number {
    return this.#maximum
  }

  arrived(request: Pick<LoggedRequest, "method" | "path" | "headers">): OpenRequest {
    const open = { ...request, status: 0, bytes: 0 }
    this.#requests.push(open)
    this.#open.add(open)
    this.#maximum = Math.max(this.#maximum, this.#open.size)
    const met = this.#waiters.filter((waiter) => waiter.wanted(open))
    this.#waiters = this.#waiters.filter((waiter) => !met.includes(waiter))
    for (const waiter of met) waiter.resolve(open)
    return open
  }

  left(request: OpenRequest): void {
    this.#open.delete(request)
  }

  next(wanted: (request: LoggedRequest) => boolean): Promise<LoggedRequest> {
    return new Promise((resolve) => {
      this.#waiters = [...this.#waiters, { wanted, resolve }]
    })
  }

  clear(): void {
    this.#requests = []
    this.#maximum = this.#open.size
  }
}
