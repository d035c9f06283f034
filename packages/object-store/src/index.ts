export { type ObjectAddress, addressOf } from "./address.ts"
export { StoreError } from "./failure.ts"
export * from "./object-store.ts"
export type { StoreOptions } from "./options.ts"
