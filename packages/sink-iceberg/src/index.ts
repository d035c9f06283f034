export * from "./iceberg.ts"
