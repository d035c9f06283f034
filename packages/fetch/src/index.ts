export { layer } from "./fetch.ts"
export type { FetchOptions, Protocol, Timeouts } from "./options.ts"
export { type HostBook, openHostBook, sharedHostBook } from "./politeness/host-book.ts"
export type { HostPace } from "./politeness/pace.ts"
