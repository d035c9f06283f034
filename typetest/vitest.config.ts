import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    name: "types",
    include: [],
    typecheck: { enabled: true, only: true, include: ["typetest/*.test-d.ts"], tsconfig: "typetest/tsconfig.json" },
  },
})
