export * from "./lake.ts"
export { dumpState, rebuildState } from "./state/dump.ts"
