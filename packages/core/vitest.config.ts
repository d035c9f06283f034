import { defineProject } from "vitest/config"

const conditions = ["@opendatahub-sql/source", "module", "node", "default"]

export default defineProject({ resolve: { conditions }, ssr: { resolve: { conditions } }, test: { name: "core", include: ["test/**/*.test.ts"], testTimeout: 60_000 } })
