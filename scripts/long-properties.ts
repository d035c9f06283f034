import { configureGlobal } from "fast-check"

// A property that names its own number of runs keeps it.
if (process.env["ODH_LONG"] === "1") configureGlobal({ numRuns: 5_000 })
