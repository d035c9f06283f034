import { defineConfig } from "tsup"

export default defineConfig({
  entry: ["src/conformance.ts", "src/conformance-cli.ts", "src/datagouv.ts", "src/datagouv-cli.ts"],
  format: ["esm"],
  dts: false,
  removeNodeProtocol: false,
  splitting: true,
  sourcemap: true,
  clean: false,
  target: "node22",
  outDir: "dist",
})
