export { layer } from "./fetch.ts"
export type { FetchOptions, Timeouts } from "./options.ts"
