import { defineConfig } from "tsup"

export default defineConfig({
  entry: ["src/index.ts"],
  format: ["esm"],
  dts: false,
  removeNodeProtocol: false,
  splitting: true,
  sourcemap: true,
  clean: false,
  target: "node22",
  outDir: "dist",
})
