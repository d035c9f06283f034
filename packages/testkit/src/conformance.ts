/** The conformance kit without a test runner: which laws a plugin keeps, as a scored report. */
export { type Conformance, conformanceOf, type ConformanceOptions } from "./conformance/conformance.ts"
export type { Hints } from "./conformance/find-plugins.ts"
export { type LawReport, type PluginReport, type SubjectReport, textReport } from "./conformance/report.ts"
