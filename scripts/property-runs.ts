import { configureGlobal } from "fast-check"

// `make test` asks of every change the same, the same on every machine; `make test-long` looks further, elsewhere each time.
// A property that names its own number of runs keeps it.
configureGlobal(process.env["ODH_LONG"] === "1" ? { numRuns: 5_000 } : { seed: 20_261_125 })
