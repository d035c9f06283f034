/** The conformance kit: laws of every plugin kind, for any test runner. What each law proves: `docs/spec`. */
export * from "./testing/collect-tables.ts"
export * from "./testing/container-laws.ts"
export * from "./testing/format-laws.ts"
export { type Law, LawBroken, type LawOutcome, registerLaws, type RegisterTest } from "./testing/law.ts"
export * from "./testing/memory-file.ts"
export * from "./testing/sink-laws.ts"
export * from "./testing/source-laws.ts"
