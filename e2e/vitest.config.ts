import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    name: "publishing",
    root: import.meta.dirname,
    include: ["*.test.ts"],
    globalSetup: "registry.ts",
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
})
